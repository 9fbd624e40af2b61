using System.Globalization;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Shows what keeps the time.</summary>
internal sealed class ClockCommand : ICommand
{
    public string Name => "clock";

    public string Summary => "shows the time and what keeps it";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        ClockInfo clock = context.System.Machine.Statistics.ReadClock();
        context.Output.WriteTable(
            ["CLOCK", ""],
            [
                ["time", clock.WallClockAtEntry == 0 ? "unknown"
                    : DateTime.UnixEpoch.AddTicks((long)((clock.WallClockAtEntry + clock.Now) / 100)).ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture)],
                ["up", string.Create(CultureInfo.InvariantCulture, $"{clock.Now / 1e9:0.000000} s")],
                ["kept by", SourceName(clock)],
                ["read", clock.IsFast != 0 ? "without entering the kernel" : "by the kernel"],
                ["time-stamp counter", string.Create(CultureInfo.InvariantCulture, $"{clock.TscFrequency / 1000} kHz by {clock.Calibration}")],
                ["timer of the local APIC", string.Create(CultureInfo.InvariantCulture, $"{clock.ApicFrequency / 1000} kHz")],
                ["reference counter", clock.ReferenceCounter == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{clock.ReferenceCounter} x 100 ns")],
                ["reference TSC page", clock.Sequence == 0 ? "none" : string.Create(
                    CultureInfo.InvariantCulture, $"sequence {clock.Sequence}, taken over {clock.Changes} times, {clock.StalePages} times stale")],
                ["readings by register", clock.Fallbacks.ToString(CultureInfo.InvariantCulture)],
                ["moved forward", string.Create(CultureInfo.InvariantCulture, $"{clock.Corrections} times, {clock.CorrectedNanoseconds} ns")],
            ]);
        return ValueTask.CompletedTask;
    }

    private static string SourceName(in ClockInfo clock) => clock.Source switch
    {
        ClockSource.Tsc => "the time-stamp counter",
        ClockSource.Hpet => "the HPET",
        ClockSource.AcpiPm => "the ACPI PM timer",
        ClockSource.HyperV => clock.IsFast != 0 ? "Hyper-V's reference TSC page" : "Hyper-V's reference counter",
        _ => "nothing",
    };
}
