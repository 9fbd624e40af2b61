using GuestOS.Kernel.Block;
using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.FileSystems.Iso9660;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.SelfTests;

/// <summary>The disk that a self-test's arguments name, held to a transfer mode where they ask for one.</summary>
internal sealed class SelfTestTarget
{
    private readonly TransferMode? _wanted;

    private SelfTestTarget(BlockEntry entry, TransferMode? wanted)
    {
        Entry = entry;
        _wanted = wanted;
    }

    public BlockEntry Entry { get; }

    /// <summary>Transfer mode in force, as events name it.</summary>
    public string? Mode => DiskEvents.NameOf(Entry.TransferMode);

    /// <summary>Finds the disk of the first argument; a last argument that names a mode is taken off the list.</summary>
    public static SelfTestTarget Parse(KernelSystem system, List<string> arguments)
    {
        if (arguments.Count == 0)
            throw new SelfTestException("it needs the name of a disk");
        TransferMode? wanted = arguments[^1] switch
        {
            "pio" => TransferMode.Pio,
            "dma" => TransferMode.Dma,
            _ => null,
        };
        if (wanted is not null)
            arguments.RemoveAt(arguments.Count - 1);
        if (arguments.Count == 0)
            throw new SelfTestException("it needs the name of a disk");
        string name = arguments[0];
        arguments.RemoveAt(0);
        if (name == KernelSystem.BootMount)
            return new SelfTestTarget(system.BootDisk ?? throw new SelfTestException("there is no boot medium"), wanted);
        return system.Blocks.TryFind(name, out BlockEntry? entry)
            ? new SelfTestTarget(entry, wanted)
            : throw new SelfTestException($"there is no disk '{name}'");
    }

    /// <summary>Does some work with the drive held to the mode, and gives the drive back as it was.</summary>
    public async Task<T> HoldAsync<T>(Func<Task<T>> work)
    {
        if (_wanted is not { } wanted)
            return await work().ConfigureAwait(false);
        if ((Entry.Disk ?? Entry).Source is not ITransferModes modes)
            throw new SelfTestException($"{Entry.Name} does not let its transfer mode be chosen");
        TransferMode before = modes.TransferMode;
        (await modes.SetTransferModeAsync(wanted).ConfigureAwait(false)).ThrowIfFailed();
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            (await modes.SetTransferModeAsync(before).ConfigureAwait(false)).ThrowIfFailed();
        }
    }

    /// <summary>Opens the ISO 9660 volume of the disk, or of its first partition that has one.</summary>
    public async Task<MountTable> OpenVolumeAsync(KernelSystem system)
    {
        foreach (BlockEntry entry in system.Blocks.Entries.Where(entry => entry == Entry || entry.Disk == Entry))
        {
            FileResult<Iso9660FileSystem> volume = await Iso9660FileSystem.OpenAsync(entry.Device, system.Machine.Log).ConfigureAwait(false);
            if (!volume.IsSuccess)
                continue;
            var files = new MountTable();
            files.Mount(KernelSystem.BootMount, volume.Value);
            return files;
        }

        throw new SelfTestException($"there is no ISO 9660 volume on {Entry.Name}");
    }
}
