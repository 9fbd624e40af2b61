using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;

namespace GuestOS.Bench.Runs;

/// <summary>Finds the least memory with which a machine starts, in whole MiB.</summary>
internal static class LeastMemory
{
    /// <summary>Halves the range between a size that fails and one that starts.</summary>
    /// <param name="machine">The machine of a size.</param>
    /// <param name="sign">The event by which it shows that it has started.</param>
    /// <param name="low">A size at which it does not.</param>
    /// <param name="high">A size at which it does.</param>
    /// <param name="limit">Time after which a machine that says nothing counts as one that does not start.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<int> FindAsync(
        Func<int, MachineSpec> machine, string sign, int low, int high, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!await StartsAsync(machine(high), sign, limit, cancellationToken).ConfigureAwait(false))
            throw new ToolException($"{machine(high).Name} does not start with {high} MiB.");
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (await StartsAsync(machine(middle), sign, limit, cancellationToken).ConfigureAwait(false))
                high = middle;
            else
                low = middle;
        }

        return high;
    }

    private static async Task<bool> StartsAsync(MachineSpec machine, string sign, TimeSpan limit, CancellationToken cancellationToken)
    {
        var run = await MachineRun.StartAsync(machine, cancellationToken).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
            return await run.TryWaitAsync(sign, limit, cancellationToken).ConfigureAwait(false) is not null;
    }
}
