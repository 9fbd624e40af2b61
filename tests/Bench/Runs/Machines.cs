using GuestOS.Bench.Peer;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Bench.Runs;

/// <summary>The two machines that are compared: the same but for what they boot.</summary>
/// <param name="kernel">Path of our ELF.</param>
/// <param name="peer">The Debian kernel.</param>
/// <param name="disk">Raw image of the one IDE disk; null for none.</param>
internal sealed class Machines(string kernel, LinuxPeer peer, string? disk)
{
    /// <summary>A machine that boots our kernel.</summary>
    /// <param name="memory">Memory in MiB.</param>
    /// <param name="append">Kernel options.</param>
    public MachineSpec Ours(int memory, string append = "") => Both("bench-guestos", kernel, memory, append);

    /// <summary>A machine that boots the Debian kernel.</summary>
    /// <param name="memory">Memory in MiB.</param>
    public MachineSpec Debian(int memory) => Both("bench-debian", peer.Kernel, memory, LinuxPeer.CommandLine) with { Initrd = peer.Initramfs };

    /// <summary>One processor, direct boot; a disk is on the first IDE channel, and what is written reaches its file.</summary>
    private MachineSpec Both(string name, string path, int memory, string append) => new()
    {
        Name = name,
        Boot = new BootMedium(path, ImageFormat.Elf),
        Cpus = 1,
        MemoryMiB = memory,
        Append = append,
        DebugExit = true,
        Drives = disk is null ? [] : [new Drive(0, 0, DriveKind.Disk) { Path = disk, Persistent = true }],
    };
}
