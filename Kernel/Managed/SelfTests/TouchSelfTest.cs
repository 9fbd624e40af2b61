using System.Globalization;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.SelfTests;

/// <summary>
/// <c>touch</c>: takes all memory that the heap may have, writes to every page of it, reads everything back, and gives it back. How much that
/// is shows whether memory that the host added is used.
/// </summary>
internal sealed class TouchSelfTest : ISelfTest
{
    private const int BlockLength = 1 << 20;

    public string Name => "touch";

    public Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 0)
            throw new SelfTestException("it takes no argument");
        IDynamicMemory memory = system.Machine.DynamicMemory;
        TimeProvider clock = system.Machine.Clock;
        memory.Compact();
        memory.Settle();
        DynamicMemoryFigures before = memory.Read();
        long start = clock.GetTimestamp();
        (long touched, long wrong) = TouchAll();
        TimeSpan time = clock.GetElapsedTime(start);
        memory.Compact();
        DynamicMemoryFigures after = memory.Read();
        string? error = wrong == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{wrong} pages did not hold what was written to them.");
        system.Machine.Events.Write(
            "touch",
            new("length", touched),
            new("wrong", wrong),
            new("ns", time.Ticks * 100),
            new("total", before.Total),
            new("freeBefore", before.Free),
            new("freeAfter", after.Free),
            new("ballooned", after.Taken),
            new("hotAdded", after.Added),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        return Task.FromResult(error is null);
    }

    private static (long Touched, long Wrong) TouchAll()
    {
        // The list must not grow when memory is short.
        var blocks = new List<byte[]>((int)Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / BlockLength, int.MaxValue / 16) + 1024);
        try
        {
            while (blocks.Count < blocks.Capacity)
            {
                byte[] block = GC.AllocateUninitializedArray<byte>(BlockLength);
                for (int i = 0; i < block.Length; i += PageRange.PageSize)
                    BitConverter.TryWriteBytes(block.AsSpan(i), Word(blocks.Count, i));
                blocks.Add(block);
            }
        }
        catch (OutOfMemoryException)
        {
            // That is the end of the memory, and of this loop.
        }

        long wrong = 0;
        for (int number = 0; number < blocks.Count; number++)
        {
            byte[] block = blocks[number];
            for (int i = 0; i < block.Length; i += PageRange.PageSize)
                wrong += BitConverter.ToUInt64(block, i) == Word(number, i) ? 0 : 1;
        }

        return ((long)blocks.Count * BlockLength, wrong);
    }

    private static ulong Word(int block, int offset) => ((((ulong)block << 20) | (uint)offset) + 1) * 0x9E37_79B9_7F4A_7C15;
}
