using System.Diagnostics;
using System.Globalization;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.SelfTests.Time;
using GuestOS.Machine;

namespace GuestOS.Kernel.SelfTests;

/// <summary>
/// <c>clock:SECONDS</c>: threads on all processors read the clock and compare each reading with the latest one that any of them has seen;
/// meanwhile marks of monotonic and wall time go to the event log, for a host to compare with its own. Then measures a reading.
/// </summary>
internal sealed class ClockSelfTest : ISelfTest
{
    private const int MostSeconds = 24 * 60 * 60;

    private static readonly TimeSpan MarkPeriod = TimeSpan.FromSeconds(1);

    public string Name => "clock";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        int seconds = SelfTestTime.Parse(arguments, MostSeconds);
        KernelMachine machine = system.Machine;
        ClockInfo before = machine.Statistics.ReadClock();
        var readers = new ClockReaders(machine.Processors.Processors.Count);
        readers.Start();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < seconds; i++)
        {
            Mark(machine, i);
            await Task.Delay(MarkPeriod, machine.Clock).ConfigureAwait(false);
        }

        readers.Stop();
        Mark(machine, seconds);
        TimeSpan lasted = Stopwatch.GetElapsedTime(start);
        ClockInfo after = machine.Statistics.ReadClock();
        (long reading, long library, long bare) = ClockCost.Measure();
        string? error = readers.Backwards != 0
            ? string.Create(CultureInfo.InvariantCulture, $"the clock went back {readers.Backwards} times, {readers.WorstStep} ns at most")
            : readers.Reads == 0 ? "the clock was not read" : null;
        machine.Events.Write(
            "clock",
            new("seconds", seconds),
            new("cpus", machine.Processors.Processors.Count),
            new("threads", readers.Count),
            new("source", Word(after)),
            new("lastedNs", (long)lasted.TotalNanoseconds),
            new("reads", readers.Reads),
            new("backwards", readers.Backwards),
            new("worstNs", readers.WorstStep),
            new("readPs", reading),
            new("libraryPs", library),
            new("barePs", bare),
            new("fallbacks", after.Fallbacks - before.Fallbacks),
            new("changes", after.Changes - before.Changes),
            new("stalePages", after.StalePages - before.StalePages),
            new("corrections", after.Corrections - before.Corrections),
            new("correctedNs", after.CorrectedNanoseconds - before.CorrectedNanoseconds),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        return error is null;
    }

    private static void Mark(KernelMachine machine, int number)
    {
        ClockInfo clock = machine.Statistics.ReadClock();
        machine.Events.Write("clockmark", new("number", number), new("ns", clock.Now), new("unixNs", clock.WallClockAtEntry + clock.Now));
    }

    private static string Word(in ClockInfo clock) => clock.Source switch
    {
        ClockSource.Tsc => "tsc",
        ClockSource.Hpet => "hpet",
        ClockSource.AcpiPm => "acpi-pm",
        ClockSource.HyperV => clock.IsFast != 0 ? "tsc-page" : "counter",
        _ => "none",
    };
}
