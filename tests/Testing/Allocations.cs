namespace GuestOS.Testing;

/// <summary>Memory that work takes from the managed heap.</summary>
public static class Allocations
{
    private const int MostRounds = 4;

    /// <summary>Bytes that this thread allocates in one batch of work. The batch runs up to four times and must be warm.</summary>
    public static long Least(Action batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return LeastOf(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            batch();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }

    /// <summary>The same of a batch that measures itself, because not all that it does counts.</summary>
    /// <param name="batch">Runs up to four times; returns the bytes that it allocated.</param>
    public static long LeastOf(Func<long> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);

        // What the work allocates shows in every round; the runtime itself may allocate in one of them when it exchanges code for better code.
        var least = long.MaxValue;
        for (var round = 0; round < MostRounds && least != 0; round++)
            least = Math.Min(least, batch());
        return least;
    }
}
