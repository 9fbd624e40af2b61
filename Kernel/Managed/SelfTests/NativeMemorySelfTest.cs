using System.Globalization;
using System.Runtime.InteropServices;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.SelfTests;

/// <summary>
/// <c>native</c>: asks the C library for memory until it has none, keeps most of it, writes to every page, reads everything back, and gives it
/// back. The kernel must refuse before it has promised more than there is: a page that was promised and is not there is the end.
/// </summary>
internal sealed unsafe class NativeMemorySelfTest : ISelfTest
{
    /// <summary>Above the C library's threshold for mappings of their own, so that each block is asked of the kernel.</summary>
    private const int BlockLength = 256 << 10;

    /// <summary>One block of so many goes back before the writing begins, for whatever else runs.</summary>
    private const int ShareToGiveBack = 8;

    public string Name => "native";

    public Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 0)
            throw new SelfTestException("it takes no argument");
        IDynamicMemory memory = system.Machine.DynamicMemory;
        DynamicMemoryFigures before = memory.Read();
        var blocks = new nint[(before.Total * PageRange.PageSize / BlockLength) + 1];
        int count = Take(blocks);
        int kept = count;
        while (kept > count - 1 - (count / ShareToGiveBack) && kept > 0)
            NativeMemory.Free((void*)blocks[--kept]);
        long wrong = Touch(blocks.AsSpan(0, kept));
        for (int i = 0; i < kept; i++)
            NativeMemory.Free((void*)blocks[i]);
        DynamicMemoryFigures after = memory.Read();
        string? error = wrong != 0 ? string.Create(CultureInfo.InvariantCulture, $"{wrong} pages did not hold what was written to them.")
            : count == blocks.Length ? "More was promised than there is."
            : null;
        system.Machine.Events.Write(
            "native",
            new("granted", (long)count * BlockLength),
            new("length", (long)kept * BlockLength),
            new("wrong", wrong),
            new("total", before.Total),
            new("freeBefore", before.Free),
            new("freeAfter", after.Free),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        return Task.FromResult(error is null);
    }

    private static int Take(nint[] blocks)
    {
        int count = 0;
        try
        {
            while (count < blocks.Length)
            {
                blocks[count] = (nint)NativeMemory.Alloc(BlockLength);
                count++;
            }
        }
        catch (OutOfMemoryException)
        {
            // That is what this is about.
        }

        return count;
    }

    private static long Touch(ReadOnlySpan<nint> blocks)
    {
        foreach (nint block in blocks)
        {
            for (int i = 0; i < BlockLength; i += PageRange.PageSize)
                *(ulong*)(block + i) = Word(block + i);
        }

        long wrong = 0;
        foreach (nint block in blocks)
        {
            for (int i = 0; i < BlockLength; i += PageRange.PageSize)
                wrong += *(ulong*)(block + i) == Word(block + i) ? 0 : 1;
        }

        return wrong;
    }

    private static ulong Word(nint address) => ((ulong)address + 1) * 0x9E37_79B9_7F4A_7C15;
}
