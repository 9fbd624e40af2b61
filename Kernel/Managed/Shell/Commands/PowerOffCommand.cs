using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Switches the machine off.</summary>
internal sealed class PowerOffCommand : ICommand
{
    public string Name => "poweroff";

    public string Summary => "flushes the disks and switches the machine off";

    public async ValueTask ExecuteAsync(CommandContext context) =>
        await context.System.EndAsync(PowerKind.PowerOff, PowerReason.Console).ConfigureAwait(false);
}
