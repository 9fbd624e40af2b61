using System.Diagnostics;
using System.Globalization;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>wallclock</c>: moves the time of day as a host would, at once and little by little, and looks whether programs see it.</summary>
internal sealed class WallClockSelfTest : ISelfTest
{
    private const int Readings = 200;

    private static readonly TimeSpan Leap = TimeSpan.FromDays(1);
    private static readonly TimeSpan Creep = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Both clocks count by the same counter: what differs is the time between reading one and the other.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMicroseconds(100);

    public string Name => "wallclock";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        KernelMachine machine = system.Machine;
        TimeSpan start = Difference();
        machine.WallClock.Step(Leap);
        TimeSpan stepped = Difference() - start;
        machine.WallClock.Step(-Leap);
        TimeSpan back = Difference() - start;
        machine.WallClock.Slew(Creep);
        long began = machine.Clock.GetTimestamp();
        while (machine.WallClock.SlewRemaining != TimeSpan.Zero && machine.Clock.GetElapsedTime(began) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(50), machine.Clock).ConfigureAwait(false);
        TimeSpan slewed = Difference() - start;
        machine.WallClock.Step(-Creep);
        string? error = Judge("a step of a day", stepped, Leap) ?? Judge("a step back", back, TimeSpan.Zero) ?? Judge("a slew", slewed, Creep);
        machine.Events.Write(
            "wallclock",
            new("stepNs", (long)stepped.TotalNanoseconds),
            new("slewNs", (long)slewed.TotalNanoseconds),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        return error is null;
    }

    private static string? Judge(string what, TimeSpan seen, TimeSpan wanted) => (seen - wanted).Duration() <= Tolerance
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{what} moved the time of day by {seen}, not by {wanted}");

    /// <summary>Time of day less time since the start, by the reading that took least.</summary>
    private static TimeSpan Difference()
    {
        long best = long.MaxValue;
        TimeSpan difference = default;
        for (int i = 0; i < Readings; i++)
        {
            long before = Stopwatch.GetTimestamp();
            DateTime now = DateTime.UtcNow;
            long after = Stopwatch.GetTimestamp();
            if (after - before >= best)
                continue;
            best = after - before;
            difference = now - DateTime.UnixEpoch - Stopwatch.GetElapsedTime(0, before + ((after - before) / 2));
        }

        return difference;
    }
}
