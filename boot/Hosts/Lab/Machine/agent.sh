#!/bin/busybox sh
# One request of the build host, on standard input and output, which are one connection. The request is two lines: the token in the file
# "token" of the share, then "ping", answered by the number of guests, or "start NAME": run the script "start" in the folder NAME of the share. What that prints goes back;
# the last line is the token, "exit" and its status. Another line of the request, or its end, kills what was started.
export PATH=/bin TMPDIR=/tmp

read -r token
[ "$token" = "$(cat /share/token)" ] || exit 1
read -r verb name
case "$verb" in
ping)
    echo "$token pong $(pidof qemu-system-x86_64 | wc -w)"
    ;;
start)
    # What runs in the background loses its standard input.
    exec 3<&0
    chroot /tree /bin/busybox sh "/mnt/$name/start" < /dev/null 2>&1 3<&- &
    process=$!
    { read -r rest <&3; kill -9 $process; } > /dev/null 2>&1 &
    watcher=$!
    wait $process
    status=$?
    kill $watcher
    echo "$token exit $status"
    ;;
esac
