using System.Globalization;
using GuestOS.Kernel.Services;
using GuestOS.Services.Frame;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists the integration services.</summary>
internal sealed class ServicesCommand : ICommand
{
    public string Name => "services";

    public string Arguments => "";

    public string Summary => "lists the integration services";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        context.Output.WriteTable(
            ["SERVICE", "STATE", "VERSIONS", "REQUESTS", "FAILED", "DROPPED", "WHAT"],
            context.System.Services.Status.Select(status => new[]
            {
                status.Name,
                ServiceEvents.NameOf(status.State),
                status.Versions ?? "",
                Number(status.Requests),
                Number(status.Failures),
                Number(status.Dropped),
                status.State == ServiceState.Absent ? "the host does not offer it" : status.Error ?? status.Summary,
            }));
        return ValueTask.CompletedTask;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
