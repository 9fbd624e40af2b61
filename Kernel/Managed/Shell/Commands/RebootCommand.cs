using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Restarts the machine.</summary>
internal sealed class RebootCommand : ICommand
{
    public string Name => "reboot";

    public string Summary => "flushes the disks and restarts the machine";

    public async ValueTask ExecuteAsync(CommandContext context) =>
        await context.System.EndAsync(PowerKind.Reboot, PowerReason.Console).ConfigureAwait(false);
}
