using GuestOS.Testing;
using GuestOS.Testing.Block;

namespace GuestOS.Kernel.Tests.Block.Paths;

/// <summary>Seeded schedules: programs use a disk while its devices come, fail and go at any moment. A seed that fails replays.</summary>
public sealed class HandoffScheduleTests
{
    private const int Programs = 4;

    private static async Task UpsetAsync(PathMachine machine, bool mayLoseAll, Func<bool> stop)
    {
        int number = 0;
        while (!stop())
        {
            await machine.Delay(300).ConfigureAwait(false);
            if (machine.Random.Next(4) == 0)
                machine.Emulated.FailingQuiesces = machine.Random.Next(3);
            FakePath synthetic = machine.AddSynthetic(number++);
            synthetic.FailingQuiesces = machine.Random.Next(2);
            await machine.Delay(machine.Random.Next(2) == 0 ? 50 : 1000).ConfigureAwait(false);
            if (machine.Random.Next(8) == 0)
                machine.Medium.CheckDurable();

            // A rescind: requests fail before the device is taken back, or after. A detach in order: none is on its way any more.
            switch (machine.Random.Next(4))
            {
                case 0:
                    synthetic.Lose();
                    await machine.Delay(200).ConfigureAwait(false);
                    machine.Registry.Remove(synthetic);
                    break;
                case 1:
                    machine.Registry.Remove(synthetic);
                    await machine.Delay(200).ConfigureAwait(false);
                    synthetic.Lose();
                    break;
                case 2:
                    machine.Registry.Remove(synthetic);
                    while (synthetic.InFlight != 0)
                        await machine.Delay(50).ConfigureAwait(false);
                    synthetic.Lose();
                    break;
                default:
                    synthetic.Lose();
                    machine.Registry.Remove(synthetic);
                    break;
            }

            if (mayLoseAll && machine.Random.Next(6) == 0)
            {
                machine.Emulated.Lose();
                machine.Registry.Remove(machine.Emulated);
                return;
            }
        }
    }

    /// <returns>How often the disk changed over.</returns>
    private static int RunSchedule(int seed, bool mayLoseAll)
    {
        var machine = new PathMachine(seed);
        var workload = new BlockWorkload(machine.Disk, machine.History, machine.Random, machine.Clock)
        {
            CancelOneIn = machine.Random.Next(3) == 0 ? 5 : 0,
            MayBeGone = mayLoseAll,
        };
        Task[] programs = [.. Enumerable.Range(0, Programs).Select(_ => workload.RunAsync(machine.Random.Next(5, 15)))];
        Task all = Task.WhenAll(programs);
        Task upset = UpsetAsync(machine, mayLoseAll, () => all.IsCompleted);
        machine.Run(all);
        machine.Run(upset);
        machine.Medium.Check();
        Assert.True(machine.History.Violations.Count == 0, $"seed {seed}: {string.Join("; ", machine.History.Violations)}");
        return machine.Reports.Count(report => report.Error is null);
    }

    /// <summary>A seed that fails is named, and replays alone with GUESTOS_SEED.</summary>
    [Fact]
    public void Ten_thousand_schedules_lose_double_reorder_and_fail_nothing()
    {
        int first = Seeds.First;
        TestContext.Current.TestOutputHelper?.WriteLine($"seeds {first} to {first + 9999}");
        for (int seed = first; seed < first + 10_000; seed++) 
            Guard(seed, mayLoseAll: false);
    }

    [Fact]
    public void When_the_last_device_goes_requests_fail_and_none_hangs()
    {
        for (int seed = 1; seed <= 1000; seed++)
            Guard(seed, mayLoseAll: true);
    }

    private static int Guard(int seed, bool mayLoseAll)
    {
        try
        {
            return RunSchedule(seed, mayLoseAll);
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.TrueException)
        {
            throw new InvalidOperationException($"seed {seed}: {exception.Message}", exception);
        }
    }
}
