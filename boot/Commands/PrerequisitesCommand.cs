using System.CommandLine;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Lab;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Boot.Commands;

/// <summary>The <c>prerequisites</c> command: installs everything that any command or test needs, and makes the lab, so that later steps need no network.</summary>
internal sealed class PrerequisitesCommand : Command
{
    /// <summary>Declares the command.</summary>
    public PrerequisitesCommand()
        : base("prerequisites", "Install the packages that building and booting need (as root), or say which; make the lab.")
    {
        SetAction((_, cancellationToken) => Shell.RunAsync(async tools =>
        {
            await tools.EnsureAsync(Job.Everything, cancellationToken).ConfigureAwait(false);
            await tools.PrepareAsync(HostChoice.Get(LabHost.HostName), cancellationToken).ConfigureAwait(false);
            tools.Console.WriteLine("Everything that building and booting need is installed.");
            return 0;
        }));
    }
}
