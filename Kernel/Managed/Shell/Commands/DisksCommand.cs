using System.Globalization;
using GuestOS.Kernel.Block;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists the block devices.</summary>
internal sealed class DisksCommand : ICommand
{
    public string Name => "disks";

    public string Summary => "lists disks, discs and partitions";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        IReadOnlyList<BlockEntry> entries = context.System.Blocks.Entries;
        context.Output.WriteTable(
            ["NAME", "KIND", "BLOCKS", "BLOCK", "SIZE", "MODE", "TABLE", "WHAT"],
            entries.Select(entry => new[]
            {
                entry.Name,
                DiskEvents.NameOf(entry.Kind),
                entry.Device.Geometry.BlockCount.ToString(CultureInfo.InvariantCulture),
                entry.Device.Geometry.BlockSize.ToString(CultureInfo.InvariantCulture),
                ByteSize.Format(entry.Device.Geometry.ByteCount),
                DiskEvents.NameOf(entry.TransferMode) ?? "-",
                entry.Table ?? "-",
                (entry.Kind == BlockKind.Partition ? entry.Description : entry.Device.Model) + (entry.IsBootMedium ? " (boot medium)" : ""),
            }));
        foreach (BlockEntry entry in entries.Where(entry => entry.TableError is not null))
            context.Output.WriteLine($"{entry.Name}: {entry.TableError}");
        return ValueTask.CompletedTask;
    }
}
