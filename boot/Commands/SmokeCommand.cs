using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;
using GuestOS.Boot.Smoke;
using Spectre.Console;

namespace GuestOS.Boot.Commands;

/// <summary>The <c>smoke</c> command: boots machines and judges what they show.</summary>
internal sealed class SmokeCommand : Command
{
    private readonly Option<string> _host = CommonOptions.Host();
    private readonly Option<string?> _image = CommonOptions.Image();
    private readonly Option<bool> _list = new("--list") { Description = "List the scenarios and end." };
    private readonly Option<string[]> _scenarios = new("--scenario")
    {
        Description = "Run only this scenario; may be repeated. A star at the end stands for any end.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _events = new("--events") { Description = "Write all event logs to this file, each line with its scenario.", HelpName = "FILE" };
    private readonly Option<string?> _junit = new("--junit") { Description = "Write the results to this file as JUnit XML.", HelpName = "FILE" };
    private readonly Option<int> _soak = CommonOptions.Ranged("--soak", "Seconds of each soak inside the guest.", "S", SmokeSettings.Full.SoakSeconds, 1, 86400);

    /// <summary>Declares the command.</summary>
    public SmokeCommand()
        : base("smoke", "Boot machines, judge their event logs, and fail if one does not show what it should.")
    {
        foreach (var option in new Option[] { _host, _image, _list, _scenarios, _events, _junit, _soak })
            Options.Add(option);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult options, CancellationToken cancellationToken)
    {
        var host = options.GetValue(_host)!;
        var scenarios = ScenarioCatalog.Select(options.GetValue(_scenarios)!, host);
        if (options.GetValue(_list))
        {
            PrintList(tools.Console, scenarios);
            return 0;
        }

        var media = await GetMediaAsync(tools, options.GetValue(_image), cancellationToken).ConfigureAwait(false);
        var possible = scenarios.Where(scenario => scenario.WhyNot(media) is null);
        var hosts = await PrepareAsync(tools, possible, host, cancellationToken).ConfigureAwait(false);
        var settings = SmokeSettings.Full with { SoakSeconds = options.GetValue(_soak) };
        var runner = new SmokeRunner(hosts, media, settings);
        var done = 0;
        var results = await runner.RunAsync(scenarios, ShowProgress, cancellationToken).ConfigureAwait(false);
        PrintResults(tools.Console, results);
        if (options.GetValue(_events) is { } events)
            await WriteAsync(events, path => WriteEventsAsync(path, results)).ConfigureAwait(false);
        if (options.GetValue(_junit) is { } junit)
            await WriteAsync(junit, path => File.WriteAllTextAsync(path, JUnitReport.Create(results).ToString(), CancellationToken.None)).ConfigureAwait(false);
        return results.Any(result => result.Verdict == Verdict.Failed) || results.All(result => result.Verdict == Verdict.Skipped) ? Shell.Failure : 0;

        void ShowProgress(ScenarioResult result)
        {
            done++;
            tools.Console.MarkupLine(string.Create(
                CultureInfo.InvariantCulture,
                $"[grey]{done,3}/{scenarios.Count}[/] {Mark(result.Verdict)} {Markup.Escape(result.Scenario.Name)} [grey]{result.Duration.TotalSeconds:F1} s[/]"));
            if (result.Verdict == Verdict.Failed)
                tools.Console.WriteLine("        " + result.Message.Replace("\n", "\n        ", StringComparison.Ordinal));
        }
    }

    /// <summary>Makes ready the hosts that the scenarios run on. When any will do, those that cannot be had are left out.</summary>
    private static async Task<SmokeHosts> PrepareAsync(Toolbox tools, IEnumerable<Scenario> scenarios, string choice, CancellationToken cancellationToken)
    {
        var hosts = new SmokeHosts();
        foreach (var name in scenarios.Select(scenario => scenario.HostName).Distinct())
        {
            try
            {
                var host = HostChoice.Get(name);
                await tools.EnsureAsync(host.Needs, cancellationToken).ConfigureAwait(false);
                await tools.PrepareAsync(host, cancellationToken).ConfigureAwait(false);
                hosts.Add(host);
            }
            catch (ToolException e) when (choice == HostChoice.Auto)
            {
                hosts.AddMissing(name, e.Message);
            }
        }

        return hosts;
    }

    private static async Task<SmokeMedia> GetMediaAsync(Toolbox tools, string? image, CancellationToken cancellationToken)
    {
        const Job boot = Job.EmulateUefi;
        if (image is null)
        {
            await tools.EnsureAsync(Job.Everything & ~Job.Lab, cancellationToken).ConfigureAwait(false);
            return SmokeMedia.OfKernel(tools.Repository, await tools.BuildKernelAsync(null, cancellationToken).ConfigureAwait(false));
        }

        var path = Path.GetFullPath(image);
        var format = ImageInspector.Identify(path);
        await tools.EnsureAsync(boot | (format is ImageFormat.Vhd or ImageFormat.Vhdx ? Job.ConvertDisk : Job.None), cancellationToken).ConfigureAwait(false);
        return SmokeMedia.OfImage(tools.Repository, new BootMedium(path, format));
    }

    private static void PrintList(IAnsiConsole console, IReadOnlyList<Scenario> scenarios)
    {
        var table = new Table().RoundedBorder().AddColumn("Host").AddColumn("Scenario").AddColumn("Shows");
        foreach (var scenario in scenarios)
            table.AddRow(scenario.HostName, Markup.Escape(scenario.Name), Markup.Escape(scenario.Description));
        console.Write(table);
    }

    private static void PrintResults(IAnsiConsole console, IReadOnlyList<ScenarioResult> results)
    {
        var table = new Table().RoundedBorder().AddColumn("Scenario").AddColumn(new TableColumn("Time").RightAligned()).AddColumn("Verdict").AddColumn("Remarks");
        foreach (var result in results)
        {
            var remarks = result.Verdict == Verdict.Failed ? $"{result.Message.Split('\n')[0]}; logs: {Repository.Display(result.Folder!)}" : result.Message;
            var time = string.Create(CultureInfo.InvariantCulture, $"{result.Duration.TotalSeconds:F1} s");
            table.AddRow(Markup.Escape(result.Scenario.Name), time, Mark(result.Verdict), Markup.Escape(remarks));
        }

        console.Write(table);
        var (passed, failed, skipped) = (Count(Verdict.Passed), Count(Verdict.Failed), Count(Verdict.Skipped));
        console.WriteLine($"{passed} passed, {failed} failed{(skipped == 0 ? "" : $", {skipped} skipped")}");

        int Count(Verdict verdict) => results.Count(result => result.Verdict == verdict);
    }

    private static string Mark(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "[green]passed[/]",
        Verdict.Failed => "[red]FAILED[/]",
        _ => "[yellow]skipped[/]",
    };

    private static async Task WriteAsync(string path, Func<string, Task> write)
    {
        try
        {
            await write(path).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"{path} cannot be written: {e.Message}", e);
        }
    }

    private static async Task WriteEventsAsync(string path, IReadOnlyList<ScenarioResult> results)
    {
        var file = File.Create(path);
        await using (file.ConfigureAwait(false))
        {
            foreach (var result in results)
            {
                foreach (var item in result.Events)
                {
                    var json = new Utf8JsonWriter(file);
                    await using (json.ConfigureAwait(false))
                    {
                        json.WriteStartObject();
                        json.WriteString("scenario", result.Scenario.Name);
                        foreach (var member in item.Members.EnumerateObject())
                            member.WriteTo(json);
                        json.WriteEndObject();
                    }

                    file.WriteByte((byte)'\n');
                }
            }
        }
    }
}
