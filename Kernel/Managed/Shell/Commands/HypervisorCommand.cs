using System.Globalization;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Shows what the kernel uses of the hypervisor's interface.</summary>
internal sealed class HypervisorCommand : ICommand
{
    // The run time of other processors is looked at when they are interrupted for it.
    private static readonly TimeSpan SampleTime = TimeSpan.FromMilliseconds(20);

    public string Name => "hypervisor";

    public string Summary => "shows what is used of the hypervisor's interface, and how often";

    public async ValueTask ExecuteAsync(CommandContext context)
    {
        KernelMachine machine = context.System.Machine;
        HypervisorInfo info = machine.Statistics.ReadHypervisor();
        bool isHyperV = info.Privileges != 0 || info.Hints != 0 || info.Features != 0;
        context.Output.WriteTable(
            ["HYPERVISOR", ""],
            [
                ["signature", machine.Information.HypervisorVendor.Length == 0 ? "none" : machine.Information.HypervisorVendor],
                ["interface", isHyperV ? string.Create(CultureInfo.InvariantCulture, $"Hyper-V {info.Version >> 16}.{info.Version & 0xFFFF}.{info.Build}") : "none"],
                ["privileges", string.Create(CultureInfo.InvariantCulture, $"{info.HypercallPrivileges:x8} {info.Privileges:x8}")],
                ["features", info.Features.ToString("x8", CultureInfo.InvariantCulture)],
                ["recommendations", info.Hints.ToString("x8", CultureInfo.InvariantCulture)],
                ["in use", info.Uses == HypervisorUses.None ? "nothing" : info.Uses.ToString()],
                ["refused", info.Refused == HypervisorUses.None ? "nothing" : info.Refused.ToString()],
                ["hypercall page", info.HypercallPage == 0 ? "none" : info.HypercallPage.ToString("x", CultureInfo.InvariantCulture)],
                ["hypercalls of the kernel", Count(info.Hypercalls)],
                ["ends of interrupts", string.Create(CultureInfo.InvariantCulture, $"{info.EoiWritten} written, {info.EoiSaved} saved")],
                ["timer messages", string.Create(CultureInfo.InvariantCulture, $"{info.TimerMessages}, {info.BadMessages} bad")],
                ["kernel lock", string.Create(CultureInfo.InvariantCulture, $"{info.LockContentions} waits, {info.LongSpins} told to the hypervisor")],
                ["flushes of other processors", string.Create(CultureInfo.InvariantCulture, $"{info.Shootdowns}, {info.ShootdownRepeats} asked twice")],
            ]);
        if (isHyperV)
        {
            machine.Statistics.ReadProcessors(looks: true);
            await Task.Delay(SampleTime, machine.Clock).ConfigureAwait(false);
        }

        context.Output.WriteTable(
            ["CPU", "APIC", "VP", "TIMER", "INTERRUPTS", "OF THESE TIMER", "LOST", "IDLE s", "VP RUNTIME s"],
            machine.Statistics.ReadProcessors(looks: false).Select(processor => new[]
            {
                Count(processor.Index),
                Count(processor.ApicId),
                (processor.Active & HypervisorUses.VpIndex) != 0 ? Count(processor.VpIndex) : "",
                TimerName(processor.Tick),
                Count(processor.Interrupts),
                Count(processor.TimerInterrupts),
                Count(processor.LostTimers),
                Seconds(processor.IdleNanoseconds),
                (processor.Active & HypervisorUses.VpRuntime) != 0 ? Seconds(processor.VpRuntime * 100) : "",
            }));
    }

    /// <summary>The word of boot/EVENTS.md.</summary>
    internal static string TimerName(TickSource source) => source switch
    {
        TickSource.ApicCount => "apic",
        TickSource.TscDeadline => "tsc-deadline",
        TickSource.SyntheticDirect => "stimer-direct",
        TickSource.SyntheticMessage => "stimer-message",
        _ => "pit",
    };

    private static string Count(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(ulong nanoseconds) => (nanoseconds / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
}
