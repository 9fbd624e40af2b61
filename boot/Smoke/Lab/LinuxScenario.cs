using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Lab;
using GuestOS.Boot.Images;
using GuestOS.Boot.Linux;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>
/// The control: a stock Linux kernel on the same machine connects to VMBus and serves dynamic memory. When this fails, the lab is at fault and not
/// the guest.
/// </summary>
internal sealed class LinuxScenario() : LabScenario("linux", "The control: a stock Debian kernel on the same machine finds VMBus and gives memory to the host")
{
    /// <inheritdoc/>
    public override bool IsMostlyWaiting => true;

    private const int MemoryMiB = 512;
    private const long Target = 400L << 20;

    /// <summary>After a panic it resets at once, which ends the machine.</summary>
    private const string CommandLine = "console=ttyS0 quiet panic=-1";

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var tree = await LabTree.OpenAsync(LabCache.Find(Environment.GetEnvironmentVariable), LabRecipe.Standard, cancellationToken).ConfigureAwait(false);
        var linux = await LinuxGuest.CreateAsync(
            tree.Kernel,
            tree.Modules,
            ["hv_vmbus", "hv_balloon"],
            tree.Busybox,
            new Dictionary<string, byte[]>(),
            Script,
            context.File("initramfs.cpio"),
            cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = new BootMedium(linux.Kernel, ImageFormat.Elf),
                Initrd = linux.Initramfs,
                MemoryMiB = MemoryMiB,
                Append = CommandLine,
                HasDisplay = false,
                Hypervisor = HypervisorSpec.HyperV,
            },
            cancellationToken).ConfigureAwait(false);
        var monitor = ScenarioContext.MonitorOf(guest);
        var device = DeviceOf(guest);
        await device.FollowAsync(cancellationToken).ConfigureAwait(false);
        var ready = await context.WaitAsync(guest, "ready", e => e.Kind == "ready", 3 * LabTime, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual("Vmbus version:4.0", ready.Text("program"), "what the kernel says of VMBus");

        await WaitUntilIdleAsync(context, guest, HyperVMonitor.SettlingTime + LabTime, cancellationToken).ConfigureAwait(false);
        await device.SetTargetAsync(Target, null, cancellationToken).ConfigureAwait(false);
        await context.WaitForMemoryAsync(guest, Target, LabTime, cancellationToken).ConfigureAwait(false);
        await WaitForStatusAsync(
            context, guest, status => status.Available is > 0 and < Target, $"with some of {Target} bytes available", cancellationToken).ConfigureAwait(false);
    }

    private static IEnumerable<string> Script(IReadOnlyList<string> modules) =>
    [
        "b=/bin/busybox",
        "$b mount -t devtmpfs dev /dev",
        "$b mount -t proc proc /proc",
        "$b mount -t sysfs sys /sys",
        .. modules.Select(module => $"$b insmod {module}"),
        "until [ -d /sys/bus/vmbus/drivers/hv_balloon/*-* ]; do $b usleep 10000; done",
        $$"""echo "{\"t\":0,\"event\":\"ready\",\"program\":\"$($b dmesg | $b grep -o 'Vmbus version.*')\"}" > {{LinuxGuest.EventPort}}""",
        "while true; do $b sleep 1000; done",
    ];
}
