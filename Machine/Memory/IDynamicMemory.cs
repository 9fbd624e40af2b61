namespace GuestOS.Machine.Memory;

/// <summary>
/// The machine's memory as far as a host may take and add to it. It remembers which pages the host has, so that a driver which is bound
/// anew can give them back. One driver uses it at a time; each call does a bounded part of the work and lets others go on in between.
/// </summary>
public interface IDynamicMemory
{
    /// <summary>Pages to whose multiple both ends of added memory are aligned; 0 when nothing can be added.</summary>
    ulong AddAlignment { get; }

    /// <summary>Reads the figures.</summary>
    DynamicMemoryFigures Read();

    /// <summary>
    /// Takes free pages out of use, the longest runs first. The programs' heaps are held to what is left, so that they run out of memory
    /// in order. Nothing touches the pages until they are given back; what they held is lost.
    /// </summary>
    /// <param name="pages">How many are wanted; a call may take fewer, a further one more.</param>
    /// <param name="keepFree">Pages that stay free in any case.</param>
    /// <param name="ranges">Receives what was taken.</param>
    /// <returns>How many of <paramref name="ranges"/> are used; 0 when there is nothing to take.</returns>
    int Take(ulong pages, ulong keepFree, Span<PageRange> ranges);

    /// <summary>Puts pages into use again that were taken.</summary>
    /// <returns>
    /// How many of the range, from its first one on; fewer than all when some are not taken at present. What was not taken does not change.
    /// </returns>
    ulong Give(PageRange range);

    /// <summary>Takes memory into use that was not there before.</summary>
    /// <param name="range">Where it is; a range whose end is not aligned is shortened.</param>
    /// <param name="added">How many pages from its first one on are in use now.</param>
    MemoryAddition Add(PageRange range, out ulong added);

    /// <summary>Makes programs give back memory that they hold and do not need. May take long.</summary>
    void Compact();

    /// <summary>
    /// Lets the programs' heaps have the memory that there is now. Called when a change is over and about once a second.
    /// </summary>
    void Settle();
}
