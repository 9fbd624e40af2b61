using System.Net;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>What a QEMU's command line depends on beside the machine: the place where it runs.</summary>
internal sealed record QemuSetting
{
    /// <summary>How instructions are run.</summary>
    public QemuAccelerator Accelerator { get; init; }

    /// <summary>Where this program listens already, for each of COM1, COM2 and QMP, as that QEMU reaches it.</summary>
    public IReadOnlyList<EndPoint> Channels { get; init; } = [];

    /// <summary>The machine's own UEFI variable store, as that QEMU names it; null with a BIOS.</summary>
    public string? Variables { get; init; }

    /// <summary>Gives the path under which that QEMU finds a file of this machine.</summary>
    public Func<string, string> PathOf { get; init; } = path => path;
}
