using System.Globalization;
using GuestOS.Kernel.SelfTests.Soak;
using GuestOS.Machine;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>soak:SECONDS</c>: loads collector, threads, tasks, timers, exceptions, files and disks; every round has a known answer.</summary>
internal sealed class SoakSelfTest : ISelfTest
{
    private const int MostSeconds = 7 * 24 * 60 * 60;

    /// <summary>A kind of work that has had no turn this long after the time is up gets none.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Between two looks at the time.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    public string Name => "soak";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1 || !int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) || seconds is < 1 or > MostSeconds)
            throw new SelfTestException($"it takes a number of seconds from 1 to {MostSeconds}");

        IReadOnlyList<ISoakWork> works = await CreateWorksAsync(system).ConfigureAwait(false);
        int cpus = Environment.ProcessorCount;
        int threads = (cpus * 2) + 2;
        int collections = GC.CollectionCount(0);
        var tally = new SoakTally(works.Count);
        long start = system.Machine.Clock.GetTimestamp();
        using (var end = new CancellationTokenSource())
        {
            var crew = new SoakCrew("soak", threads, works, tally, isShortOfMemory: false, end.Token);

            // On a starved machine it takes longer until each kind of work has had its turn.
            TimeSpan most = TimeSpan.FromSeconds(seconds) + Patience;
            for (TimeSpan elapsed = default;
                elapsed.TotalSeconds < seconds || (elapsed < most && !tally.HasEveryKind);
                elapsed = system.Machine.Clock.GetElapsedTime(start))
            {
                TimeSpan left = TimeSpan.FromSeconds(seconds) - elapsed;
                await Task.Delay(left > TimeSpan.Zero && left < Step ? left : Step, system.Machine.Clock).ConfigureAwait(false);
            }

            await end.CancelAsync().ConfigureAwait(false);
            crew.Join(system.Machine.Clock, SoakCrew.Patience);
        }

        for (int i = 0; i < works.Count; i++)
        {
            system.Machine.Log.Info(string.Create(CultureInfo.InvariantCulture, $"soak: {works[i].Name}: {tally.RoundsOf(i)} rounds."));
            if (tally.RoundsOf(i) == 0)
                tally.Fail($"There was no time for '{works[i].Name}'.");
        }

        string? error = tally.Error;
        system.Machine.Events.Write(
            "soak",
            new("seconds", seconds),
            new("cpus", cpus),
            new("threads", threads),
            new("rounds", tally.Rounds),
            new("collections", GC.CollectionCount(0) - collections),
            new("wrong", tally.Wrong),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        return error is null;
    }

    private static async Task<IReadOnlyList<ISoakWork>> CreateWorksAsync(KernelSystem system)
    {
        var works = new List<ISoakWork>
        {
            new AllocationWork(),
            new LinqWork(),
            new ExceptionWork(),
            new TaskWork(),
            new TimerWork(),
            new HashWork(),
        };
        if (system.BootDisk is { } disk)
            works.Add(await DiskWork.CreateAsync(disk.Device).ConfigureAwait(false));
        if (await FileWork.CreateAsync(system).ConfigureAwait(false) is { } files)
            works.Add(files);
        return works;
    }
}
