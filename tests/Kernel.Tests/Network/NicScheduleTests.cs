using GuestOS.Sandbox.Memory;
using GuestOS.Testing;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>Thousands of seeded schedules of the hand-off between tulip and netvsc.</summary>
public sealed class NicScheduleTests
{
    private const int Schedules = 10_000;

    [Fact]
    public void Ten_thousand_schedules_lose_double_and_reorder_nothing()
    {
        int first = Seeds.First;
        TestContext.Current.TestOutputHelper?.WriteLine($"seeds {first} to {first + Schedules - 1}");
        int changes = 0;
        Parallel.For(first, first + Schedules, new ParallelOptions { MaxDegreeOfParallelism = 2 }, static () => new PinnedArrays(), (seed, _, arrays) =>
        {
            Interlocked.Add(ref changes, Run(seed, arrays));
            arrays.Reclaim();
            return arrays;
        }, static _ => { });
        Assert.True(changes > Schedules, $"Only {changes} hand-offs took place.");
    }

    private static int Run(int seed, PinnedArrays arrays)
    {
        try
        {
            using var schedule = new NicSchedule(seed, arrays);
            return schedule.Run();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"seed {seed}: {exception.Message}\nTo run it first: GUESTOS_SEED={seed} dotnet test tests/Kernel.Tests --filter FullyQualifiedName~{nameof(NicScheduleTests)}", exception);
        }
    }
}
