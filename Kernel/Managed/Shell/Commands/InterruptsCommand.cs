using System.Globalization;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists the interrupts in use.</summary>
internal sealed class InterruptsCommand : ICommand
{
    public string Name => "interrupts";

    public string Summary => "lists the interrupts in use and how often they came";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        context.Output.WriteTable(
            ["KIND", "NUMBER", "VECTOR", "CPU", "TRIGGER", "COUNT"],
            context.System.Machine.Statistics.ReadInterrupts().Select(interrupt => new[]
            {
                interrupt.Kind.ToString(),
                interrupt.Number.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"0x{interrupt.Vector:x2}"),
                interrupt.Cpu.ToString(CultureInfo.InvariantCulture),
                Trigger(interrupt.Flags),
                interrupt.Count.ToString(CultureInfo.InvariantCulture),
            }));
        return ValueTask.CompletedTask;
    }

    private static string Trigger(InterruptFlags flags) =>
        ((flags & InterruptFlags.Level) != 0 ? "level" : "edge")
        + ((flags & InterruptFlags.ActiveLow) != 0 ? ", low" : "")
        + ((flags & InterruptFlags.Masked) != 0 ? ", masked" : "");
}
