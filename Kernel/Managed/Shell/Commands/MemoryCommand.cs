using System.Globalization;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Shows where the memory is.</summary>
internal sealed class MemoryCommand : ICommand
{
    public string Name => "memory";

    public string Summary => "shows where the memory is";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        MemoryInfo memory = context.System.Machine.Statistics.ReadMemory();
        GCMemoryInfo gc = GC.GetGCMemoryInfo();
        context.Output.WriteTable(
            ["MEMORY", "SIZE"],
            [
                ["usable", ByteSize.Format(memory.Total)],
                ["of these added by the host", ByteSize.Format(memory.HotAdded)],
                ["with the host", ByteSize.Format(memory.Ballooned)],
                ["free", ByteSize.Format(memory.Free)],
                ["longest free run", ByteSize.Format(memory.LargestFree)],
                ["kernel image and tables", ByteSize.Format(memory.Kernel)],
                ["mapped for the runtime", ByteSize.Format(memory.Mapped)],
                ["in use or promised", ByteSize.Format(memory.Committed)],
                ["reserved addresses", ByteSize.Format(memory.Reserved)],
                ["given to devices", ByteSize.Format(memory.Dma)],
                ["heap limit", ByteSize.Format((ulong)gc.TotalAvailableMemoryBytes)],
                ["heap after the last collection", ByteSize.Format((ulong)gc.HeapSizeBytes)],
                ["allocated since the start", ByteSize.Format((ulong)GC.GetTotalAllocatedBytes())],
                ["page faults", memory.PageFaults.ToString(CultureInfo.InvariantCulture)],
                ["collections", string.Create(CultureInfo.InvariantCulture, $"{GC.CollectionCount(0)}, of these {GC.CollectionCount(2)} full")],
            ]);
        return ValueTask.CompletedTask;
    }
}
