namespace GuestOS.Kernel.Core;

/// <summary>
/// Makes one truth of a boot protocol's memory map. Firmware may list memory in any order and more than once (ACPI 6.5, 15.1 and 15.4); the
/// allocator must get each page once, and none that any entry withholds.
/// </summary>
internal static unsafe class MemoryMap
{
    /// <summary>Physical addresses have 52 bits at most (Intel SDM 3A, 4.1.4).</summary>
    public const ulong AddressLimit = 1UL << 52;

    /// <summary>Most pieces into which so many overlapping ranges fall: one between any two of their ends.</summary>
    public const int MostPieces = BootInfo.MaximumRanges * 2;

    private struct Scratch
    {
        public fixed ulong Edges[MostPieces];
        public fixed byte Pieces[MostPieces * 24];
    }

    private static Scratch s_scratch;

    /// <summary>
    /// Sorts ranges by address, cuts them where they overlap, and joins neighbours of one type. What lies in several of them is of the
    /// strictest type: usable gives way to every other, of the others the highest number stands.
    /// </summary>
    /// <param name="ranges">At most <see cref="BootInfo.MaximumRanges"/>, none empty or wrapping, with room for <see cref="MostPieces"/>.</param>
    /// <param name="count">How many.</param>
    /// <returns>How many there are now.</returns>
    public static int Flatten(MemoryRange* ranges, int count)
    {
        fixed (Scratch* scratch = &s_scratch)
        {
            ulong* edges = scratch->Edges;
            int edgeCount = 0;
            for (int i = 0; i < count; i++)
            {
                edgeCount = Insert(edges, edgeCount, ranges[i].Start);
                edgeCount = Insert(edges, edgeCount, ranges[i].End);
            }

            MemoryRange* pieces = (MemoryRange*)scratch->Pieces;
            int pieceCount = 0;
            for (int i = 0; i + 1 < edgeCount; i++)
                pieceCount = AddPiece(pieces, pieceCount, ranges, count, edges[i], edges[i + 1]);
            for (int i = 0; i < pieceCount; i++)
                ranges[i] = pieces[i];
            return pieceCount;
        }
    }

    /// <summary>Puts an address into a sorted list in which each stands once.</summary>
    private static int Insert(ulong* edges, int count, ulong edge)
    {
        int at = count;
        while (at > 0 && edges[at - 1] > edge)
            at--;
        if (at > 0 && edges[at - 1] == edge)
            return count;
        for (int i = count; i > at; i--)
            edges[i] = edges[i - 1];
        edges[at] = edge;
        return count + 1;
    }

    private static int AddPiece(MemoryRange* pieces, int pieceCount, MemoryRange* ranges, int count, ulong start, ulong end)
    {
        MemoryRange* strictest = null;
        for (int i = 0; i < count; i++)
        {
            MemoryRange* range = ranges + i;
            if (range->Start <= start && end <= range->End && (strictest == null || Strictness(range->Type) > Strictness(strictest->Type)))
                strictest = range;
        }

        if (strictest == null)
            return pieceCount;
        MemoryRange* last = pieces + pieceCount - 1;
        if (pieceCount != 0 && last->End == start && last->Type == strictest->Type)
        {
            last->Length += end - start;
            return pieceCount;
        }

        pieces[pieceCount].Start = start;
        pieces[pieceCount].Length = end - start;
        pieces[pieceCount].Type = strictest->Type;
        return pieceCount + 1;
    }

    private static ulong Strictness(MemoryRangeType type) => type == MemoryRangeType.Usable ? 0 : (ulong)(uint)type + 1;
}
