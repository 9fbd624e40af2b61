#!/bin/busybox sh
# First program of the lab's machine: mounts what the build host shares and serves requests to start QEMU until it is told to end,
# or has had no guest for a while. Messages go to the machine's serial console, which the build host keeps in a file.

IDLE_MINUTES=45
AGENT_PORT=1000

fail() {
    echo "lab: $*"
    poweroff -f
}

/bin/busybox --install -s /bin
export PATH=/bin TMPDIR=/tmp
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
for module in /modules/*.ko; do
    insmod "$module" || fail "$module cannot be loaded"
done
[ -c /dev/kvm ] || fail "the processor that this machine is given cannot run virtual machines"

# The tree does not change while the machine runs; the share is written from both sides.
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro tree /tree || fail "the tree cannot be mounted"
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none share /share || fail "the share cannot be mounted"
for file_system in devtmpfs:dev proc:proc sysfs:sys tmpfs:tmp tmpfs:run; do
    mount -t "${file_system%:*}" none "/tree/${file_system#*:}" || fail "$file_system cannot be mounted"
done
mount --bind /share /tree/mnt || fail "the share cannot be mounted for QEMU"

# Memory that is added to a guest is reserved in full, used in part.
echo 1 > /proc/sys/vm/overcommit_memory

ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
nc -ll -p $AGENT_PORT -e /agent &
read -r uptime rest < /proc/uptime
echo "lab: up after $uptime s"

idle=0
while [ $idle -lt $IDLE_MINUTES ]; do
    sleep 60
    idle=$((idle + 1))
    pidof qemu-system-x86_64 > /dev/null && idle=0
done
echo "lab: no guest for $IDLE_MINUTES minutes"
poweroff -f
