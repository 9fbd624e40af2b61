using System.CommandLine;
using System.Globalization;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Lab;
using Spectre.Console;

namespace GuestOS.Boot.Commands;

/// <summary>The <c>lab</c> command: the machine with Hyper-V's interface that the host <c>lab</c> starts guests in.</summary>
internal sealed class LabCommand : Command
{
    /// <summary>Declares the command.</summary>
    public LabCommand()
        : base("lab", "The lab: QEMU on a KVM with Hyper-V's interface, on any machine.")
    {
        var purge = new Option<bool>("--purge") { Description = "Remove the lab's files as well; they are fetched anew when they are needed next." };
        var up = new Command("up", "Make the lab when it is not there, and start it. Guests start in seconds then.");
        up.SetAction((_, cancellationToken) => Shell.RunAsync(tools => UpAsync(tools, cancellationToken)));
        var down = new Command("down", "End the lab, guests included.") { purge };
        down.SetAction((result, cancellationToken) => Shell.RunAsync(tools => DownAsync(tools, result.GetValue(purge), cancellationToken)));
        var status = new Command("status", "Tell what the lab is and does. The status is 1 when it is not up.");
        status.SetAction((_, cancellationToken) => Shell.RunAsync(tools => StatusAsync(tools, cancellationToken)));
        Subcommands.Add(up);
        Subcommands.Add(down);
        Subcommands.Add(status);
    }

    private static async Task<int> UpAsync(Toolbox tools, CancellationToken cancellationToken)
    {
        var host = new LabHost();
        await tools.EnsureAsync(host.Needs, cancellationToken).ConfigureAwait(false);
        await tools.PrepareAsync(host, cancellationToken).ConfigureAwait(false);
        if (host.WhyNotNative is null)
            tools.Console.WriteLine("This machine's own KVM has Hyper-V's interface; guests run on it, and there is nothing to keep up.");
        else
            tools.Console.MarkupLineInterpolated($"The lab is up. This machine's own KVM is not used: {host.WhyNotNative}.");
        return 0;
    }

    private static async Task<int> DownAsync(Toolbox tools, bool purge, CancellationToken cancellationToken)
    {
        var cache = LabCache.Find(Environment.GetEnvironmentVariable);
        using var gate = await FileLock.AcquireAsync(cache.LockPath, cancellationToken).ConfigureAwait(false);
        var ended = 0;
        foreach (var machine in cache.Machines)
        {
            if (machine.FindProcess() is not null)
                ended++;
            await machine.KillAsync(cancellationToken).ConfigureAwait(false);
        }

        cache.Clean(DateTime.UtcNow);
        tools.Console.WriteLine(ended == 0 ? "No lab was up." : "The lab is down.");
        if (!purge)
            return 0;
        foreach (var tree in cache.Trees)
            Directory.Delete(tree, recursive: true);
        tools.Console.MarkupLineInterpolated($"Nothing is left in {cache.Folder}.");
        return 0;
    }

    private static async Task<int> StatusAsync(Toolbox tools, CancellationToken cancellationToken)
    {
        var cache = LabCache.Find(Environment.GetEnvironmentVariable);
        var recipe = LabRecipe.Standard;
        var tree = cache.TreeOf(recipe);
        var lab = new LabMachine(cache, recipe);
        var guests = await lab.CountGuestsAsync(cancellationToken).ConfigureAwait(false);
        var process = lab.Folder.FindProcess();
        var table = new Table().RoundedBorder().HideHeaders().AddColumn("").AddColumn("");
        table.AddRow("own KVM", Markup.Escape(KvmCapabilities.Query().WhyNot ?? "has Hyper-V's interface"));
        table.AddRow("files", Markup.Escape(LabTree.IsComplete(tree) ? $"{tree} (Debian {recipe.Suite})" : "not made yet"));
        table.AddRow("machine", process is { } id ? Machine(recipe, id, guests is not null) : "not up");
        if (guests is { } count)
            table.AddRow("guests", count.ToString(CultureInfo.InvariantCulture));
        var others = cache.Machines.Count(machine => machine != lab.Folder && machine.FindProcess() is not null);
        if (others != 0)
            table.AddRow("others", string.Create(CultureInfo.InvariantCulture, $"{others} lab(s) of other versions of this tool are up"));
        tools.Console.Write(table);
        return guests is null ? Shell.Failure : 0;
    }

    private static string Machine(LabRecipe recipe, int process, bool answers) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(answers ? "up" : "starting, or stuck")}: process {process}, {recipe.Cpus} CPU(s), up to {recipe.MemoryMiB} MiB");
}
