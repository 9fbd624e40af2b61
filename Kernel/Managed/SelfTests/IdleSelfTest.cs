using GuestOS.Kernel.Core;
using GuestOS.Kernel.SelfTests.Time;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>idle:SECONDS</c>: does nothing, and reports how many interrupts came meanwhile.</summary>
internal sealed class IdleSelfTest : ISelfTest
{
    private const int MostSeconds = 24 * 60 * 60;

    /// <summary>For what has just been written to the serial lines, and for threads that end.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    public string Name => "idle";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        int seconds = SelfTestTime.Parse(arguments, MostSeconds);
        KernelMachine machine = system.Machine;
        await Task.Delay(Settle, machine.Clock).ConfigureAwait(false);
        (ulong interrupts, ulong timers) = Count(machine);
        await Task.Delay(TimeSpan.FromSeconds(seconds), machine.Clock).ConfigureAwait(false);
        (ulong interruptsAfter, ulong timersAfter) = Count(machine);
        ulong came = interruptsAfter - interrupts;
        machine.Events.Write(
            "idle",
            new("seconds", seconds),
            new("cpus", machine.Processors.Processors.Count),
            new("interrupts", came),
            new("timerInterrupts", timersAfter - timers),
            new("perThousandSeconds", came * 1000 / (ulong)seconds),
            new("result", "ok"));
        return true;
    }

    private static (ulong Interrupts, ulong Timers) Count(KernelMachine machine)
    {
        ulong interrupts = 0, timers = 0;
        foreach (ProcessorInfo processor in machine.Statistics.ReadProcessors(looks: false))
        {
            interrupts += processor.Interrupts;
            timers += processor.TimerInterrupts;
        }

        return (interrupts, timers);
    }
}
