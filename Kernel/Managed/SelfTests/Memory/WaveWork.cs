using GuestOS.Kernel.SelfTests.Soak;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.SelfTests.Memory;

/// <summary>
/// Lets the heap grow and shrink: takes blocks up to a share of the memory, fills them with a pattern, checks them all, and
/// drops them. Running out of memory is no failure: it is counted, and the wave ends there.
/// </summary>
internal sealed class WaveWork : ISoakWork
{
    private const int BlockLength = 256 << 10;
    private const int WordStride = 512;

    private readonly IDynamicMemory _memory;
    private readonly int _share;
    private int _exhausted;

    /// <param name="memory">The machine's memory.</param>
    /// <param name="share">Of how many equal parts of the memory that the host does not have a wave takes one at most.</param>
    public WaveWork(IDynamicMemory memory, int share)
    {
        _memory = memory;
        _share = share;
    }

    public string Name => "waves";

    /// <summary>Waves that ran out of memory.</summary>
    public int Exhausted => _exhausted;

    public bool RunRound(int seed)
    {
        DynamicMemoryFigures figures = _memory.Read();
        ulong most = (figures.Total - figures.Taken) * PageRange.PageSize / (ulong)_share / BlockLength;
        int wanted = (int)(Math.Min(most, 1 << 20) * (ulong)(1 + (seed & 3)) / 4);
        ulong[]?[] blocks;
        try
        {
            blocks = new ulong[wanted][];
            for (int i = 0; i < wanted; i++)
            {
                blocks[i] = new ulong[BlockLength / sizeof(ulong)];
                Fill(blocks[i]!, (ulong)seed + (ulong)i);
            }
        }
        catch (OutOfMemoryException)
        {
            Interlocked.Increment(ref _exhausted);
            return true;
        }

        for (int i = 0; i < wanted; i++)
        {
            if (!IsFilled(blocks[i]!, (ulong)seed + (ulong)i))
                return false;
        }

        return true;
    }

    /// <summary>One word of every page, so that the memory and not the processor is what works.</summary>
    private static void Fill(ulong[] block, ulong seed)
    {
        for (int i = 0; i < block.Length; i += WordStride)
            block[i] = Word(seed, i);
    }

    private static bool IsFilled(ulong[] block, ulong seed)
    {
        for (int i = 0; i < block.Length; i += WordStride)
        {
            if (block[i] != Word(seed, i) || block[i + 1] != 0)
                return false;
        }

        return true;
    }

    private static ulong Word(ulong seed, int index) => (seed * 0x9E37_79B9_7F4A_7C15) ^ (ulong)index;
}
