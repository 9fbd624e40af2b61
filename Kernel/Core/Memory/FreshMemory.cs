namespace GuestOS.Kernel.Core;

/// <summary>
/// Usable memory that the allocator has not taken into its lists yet. Nothing of it has been touched, so a host that backs the
/// machine's memory on demand has not had to provide it: with large pages each first touch costs the clearing of 2 MiB.
/// LOCKING: as <see cref="PhysicalMemory"/>.
/// </summary>
internal static unsafe class FreshMemory
{
    private const int Capacity = 64;

    private struct Ranges
    {
        public fixed ulong Starts[Capacity];
        public fixed ulong Ends[Capacity];
    }

    private static Ranges s_ranges;
    private static int s_count;

    /// <summary>Forgets everything.</summary>
    public static void Clear() => s_count = 0;

    /// <summary>Keeps a range; both ends are page aligned. False when there is no room for one more.</summary>
    public static bool TryAdd(ulong start, ulong end)
    {
        fixed (Ranges* ranges = &s_ranges)
        {
            // A range that lies beside another one makes it longer; one that is used up leaves its place.
            int place = s_count;
            for (int i = 0; i < s_count; i++)
            {
                if (ranges->Ends[i] == start && ranges->Starts[i] != start && !PhysicalMemory.IsZoneStart(start))
                {
                    ranges->Ends[i] = end;
                    return true;
                }

                if (ranges->Starts[i] == end && ranges->Ends[i] != end && !PhysicalMemory.IsZoneStart(end))
                {
                    ranges->Starts[i] = start;
                    return true;
                }

                if (ranges->Starts[i] == ranges->Ends[i])
                    place = i;
            }

            if (place == Capacity)
                return false;
            ranges->Starts[place] = start;
            ranges->Ends[place] = end;
            if (place == s_count)
                s_count++;
        }

        return true;
    }

    /// <summary>
    /// Takes the beginning of a range, so long that an aligned block of an order lies in it, and up to the next 2 MiB.
    /// </summary>
    /// <param name="low">Only ranges from here on.</param>
    /// <param name="order">The block's size: 2^order pages.</param>
    /// <param name="highest">The last address that the block may have.</param>
    /// <param name="start">First address of what was taken.</param>
    /// <param name="end">Address after it.</param>
    public static bool TryTake(ulong low, int order, ulong highest, out ulong start, out ulong end)
    {
        ulong size = Page.Size << order;
        fixed (Ranges* ranges = &s_ranges)
        {
            for (int i = 0; i < s_count; i++)
            {
                start = ranges->Starts[i];
                end = ranges->Ends[i];
                ulong block = (start + size - 1) & ~(size - 1);
                if (start < low || block + size > end || block + size - 1 > highest)
                    continue;
                ulong enough = (block + size + Page.LargeSize - 1) & ~(Page.LargeSize - 1);
                if (enough < end)
                    end = enough;
                ranges->Starts[i] = end;
                return true;
            }
        }

        start = 0;
        end = 0;
        return false;
    }

    /// <summary>Bytes in ranges from an address on.</summary>
    public static ulong Length(ulong low)
    {
        ulong length = 0;
        fixed (Ranges* ranges = &s_ranges)
        {
            for (int i = 0; i < s_count; i++)
            {
                if (ranges->Starts[i] >= low)
                    length += ranges->Ends[i] - ranges->Starts[i];
            }
        }

        return length;
    }

    /// <summary>Takes the end of the longest range: its beginning is what allocations use next.</summary>
    /// <param name="low">Only ranges from here on.</param>
    /// <param name="most">Most bytes to take.</param>
    /// <param name="start">First address of what was taken.</param>
    /// <param name="end">Address after it.</param>
    public static bool TryTakeLongest(ulong low, ulong most, out ulong start, out ulong end)
    {
        start = 0;
        end = 0;
        fixed (Ranges* ranges = &s_ranges)
        {
            int longest = -1;
            ulong length = 0;
            for (int i = 0; i < s_count; i++)
            {
                if (ranges->Starts[i] < low || ranges->Ends[i] - ranges->Starts[i] <= length)
                    continue;
                longest = i;
                length = ranges->Ends[i] - ranges->Starts[i];
            }

            if (longest < 0)
                return false;
            end = ranges->Ends[longest];
            start = end - (length < most ? length : most);
            ranges->Ends[longest] = start;
            return true;
        }
    }

    /// <summary>Whether an aligned block of an order is left.</summary>
    public static bool Has(int order)
    {
        ulong size = Page.Size << order;
        fixed (Ranges* ranges = &s_ranges)
        {
            for (int i = 0; i < s_count; i++)
            {
                if (((ranges->Starts[i] + size - 1) & ~(size - 1)) + size <= ranges->Ends[i])
                    return true;
            }
        }

        return false;
    }
}
