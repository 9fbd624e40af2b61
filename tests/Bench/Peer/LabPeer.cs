using GuestOS.Boot.Hosts.Lab;
using GuestOS.Boot.Images;
using GuestOS.Boot.Linux;

namespace GuestOS.Bench.Peer;

/// <summary>
/// The lab's own stock Debian kernel as its guest: with static busybox, VMBus and dynamic memory as the modules that Debian builds, and the load
/// program. Nothing is loaded or mounted before these two.
/// </summary>
/// <param name="Version">The kernel's version.</param>
/// <param name="Guest">Kernel and initramfs.</param>
internal sealed record LabPeer(string Version, LinuxGuest Guest)
{
    /// <summary>Event of a line of the kernel's log: member <c>line</c>. There is one for each of the two below.</summary>
    public const string LogEvent = "printk";

    /// <summary>Event after both lines.</summary>
    public const string ConnectedEvent = "vmbus";

    /// <summary>What the kernel logs when VMBus is connected.</summary>
    public const string VmBusText = "Vmbus version";

    /// <summary>What it logs when the host has agreed to a version of dynamic memory.</summary>
    public const string BalloonText = "Using Dynamic Memory protocol";

    private static readonly string[] Modules = ["hv_vmbus", "hv_balloon"];

    /// <summary>Makes it of the lab's tree.</summary>
    /// <param name="work">Where the initramfs goes.</param>
    /// <param name="load">The load program.</param>
    /// <param name="idleSeconds">How long it counts interrupts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LabPeer> CreateAsync(WorkFolder work, byte[] load, int idleSeconds, CancellationToken cancellationToken)
    {
        var tree = await LabTree.OpenAsync(LabCache.Find(Environment.GetEnvironmentVariable), LabRecipe.Standard, cancellationToken).ConfigureAwait(false);
        var guest = await LinuxGuest.CreateAsync(
            tree.Kernel,
            tree.Modules,
            Modules,
            tree.Busybox,
            new Dictionary<string, byte[]> { ["bin/load"] = load },
            modules => Script(modules, idleSeconds),
            work.File("hyperv.cpio"),
            cancellationToken).ConfigureAwait(false);
        return new LabPeer(Path.GetFileName(tree.Kernel)["vmlinuz-".Length..], guest);
    }

    /// <summary>What the kernel starts. It writes events to COM2 in the form of boot/EVENTS.md.</summary>
    private static IEnumerable<string> Script(IReadOnlyList<string> modules, int idleSeconds) =>
    [
        "b=/bin/busybox",
        .. modules.Select(module => $"$b insmod {module}"),
        "$b mount -t devtmpfs dev /dev",
        "$b mount -t proc proc /proc",
        "$b mount -t sysfs sys /sys",
        $"until $b dmesg | $b grep -q '{BalloonText}'; do $b usleep 50000; done",
        $"$b dmesg | $b grep -e '{VmBusText}' -e '{BalloonText}' | while read -r line; do",
        $$"""echo "{\"t\":0,\"event\":\"{{LogEvent}}\",\"line\":\"$line\"}" > {{LinuxGuest.EventPort}}""",
        "done",
        $$"""echo '{"t":0,"event":"{{ConnectedEvent}}","state":"connected"}' > {{LinuxGuest.EventPort}}""",
        $"/bin/load hyperv {idleSeconds} > {LinuxGuest.EventPort}",
        "while true; do $b sleep 1000; done",
    ];
}
