using System.Globalization;
using GuestOS.Kernel.Events;
using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block;

/// <summary>Writes the <c>disk</c> event and its log line.</summary>
internal sealed class DiskEvents
{
    private readonly IEventLog _events;
    private readonly ILog _log;

    public DiskEvents(IEventLog events, ILog log)
    {
        _events = events;
        _log = log;
    }

    public void Changed(BlockEntry entry)
    {
        BlockGeometry geometry = entry.Device.Geometry;
        _events.Write(
            "disk",
            new("name", entry.Name),
            new("model", Known(entry.Device.Model)),
            new("serial", Known(entry.Device.Serial)),
            new("kind", NameOf(entry.Kind)),
            new("blockSize", geometry.BlockSize),
            new("blocks", geometry.BlockCount),
            new("mode", NameOf(entry.TransferMode)),
            new("table", entry.Table),
            new("error", entry.TableError),
            new("boot", entry.IsBootMedium));
        string table = entry.Table is null ? "" : ", table " + entry.Table;
        _log.Info(string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Name}: {NameOf(entry.Kind)} {(entry.Kind == BlockKind.Partition ? entry.Description : entry.Device.Model)}, {geometry.BlockCount} blocks of {geometry.BlockSize} bytes{table}{(entry.IsBootMedium ? ", boot medium" : "")}"));
        if (entry.TableError is not null)
            _log.Error($"{entry.Name}: the partition table is broken: {entry.TableError} The whole disk stays usable.");
    }

    /// <summary>The kind as the event names it.</summary>
    public static string NameOf(BlockKind kind) => kind switch
    {
        BlockKind.CdRom => "cdrom",
        BlockKind.Partition => "partition",
        _ => "disk",
    };

    /// <summary>The transfer mode as the event names it.</summary>
    public static string? NameOf(TransferMode? mode) => mode switch
    {
        TransferMode.Dma => "dma",
        TransferMode.Pio => "pio",
        _ => null,
    };

    private static string? Known(string text) => text.Length == 0 ? null : text;
}
