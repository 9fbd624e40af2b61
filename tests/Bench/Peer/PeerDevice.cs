namespace GuestOS.Bench.Peer;

/// <summary>What the Debian machine is measured with.</summary>
/// <param name="Modules">Kernel modules that drive it.</param>
/// <param name="Preparation">Lines of the /init script that end when it can be used.</param>
/// <param name="Event">Event that the script writes then.</param>
internal sealed record PeerDevice(IReadOnlyList<string> Modules, IReadOnlyList<string> Preparation, string Event)
{
    /// <summary>The IDE disk.</summary>
    public static PeerDevice Disk { get; } = new(["ata_piix", "sd_mod"], ["until [ -b /dev/sda ]; do $b usleep 1000; done"], "disk");

    /// <summary>The DEC network adapter. Nothing but the load program sends: IPv6 would announce itself.</summary>
    public static PeerDevice Network { get; } = new(
        ["tulip"],
        [
            "$b mount -t sysfs sysfs /sys",
            "until [ -e /sys/class/net/eth0 ]; do $b usleep 1000; done",
            "[ ! -e /proc/sys/net/ipv6/conf/eth0/disable_ipv6 ] || echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6",
            "$b ip link set eth0 up",
        ],
        "nic");
}
