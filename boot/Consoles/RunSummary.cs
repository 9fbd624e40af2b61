using System.Globalization;
using GuestOS.Boot.Events;
using GuestOS.Boot.Images;
using Spectre.Console;

namespace GuestOS.Boot.Consoles;

/// <summary>Tells what the event log of a run says: how it was booted, the devices, disks, networks and services.</summary>
internal static class RunSummary
{
    /// <summary>Prints the tables; kinds of which there is nothing are left out.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="log">The run's events.</param>
    /// <param name="symbols">Names for the addresses of a panic, where they are known.</param>
    public static void Print(IAnsiConsole console, EventLog log, ElfSymbols? symbols)
    {
        var events = BeforeShutdown(log.Snapshot);
        PrintBoot(console, events);
        PrintTable(console, "Devices", Latest(events, "device", "bus", "address"), "bus", "address", "id", "driver", "state", "serves", "error");
        PrintTable(console, "Disks", Latest(events, "disk", "name"), "name", "kind", "model", "blockSize", "blocks", "mode", "table", "error");
        PrintTable(console, "Networks", Latest(events, "nic", "name"), "name", "address", "link", "mtu");
        PrintTable(console, "Services", Latest(events, "service", "name"), "name", "versions", "state", "error");
        foreach (var panic in log.Snapshot.Where(e => e.Kind == "panic"))
        {
            console.MarkupLineInterpolated($"[red]panic ({panic.Text("kind")}): {panic.Text("message")}[/]");
            foreach (var frame in symbols?.DescribeFrames(panic.Text("frames") ?? "") ?? [])
                console.MarkupLineInterpolated($"  {frame}");
        }
    }

    /// <summary>For each thing only its last event, in the order in which the things first appeared.</summary>
    public static IReadOnlyList<GuestEvent> Latest(IEnumerable<GuestEvent> events, string kind, params string[] identity) =>
        events.Where(e => e.Kind == kind)
            .GroupBy(e => string.Join('\n', identity.Select(e.Text)))
            .Select(group => group.Last())
            .ToList();

    /// <summary>The events without those of an orderly end, in which every driver is detached and every service stopped.</summary>
    public static IReadOnlyList<GuestEvent> BeforeShutdown(IReadOnlyList<GuestEvent> events)
    {
        var count = events.Count;
        if (count == 0 || events[count - 1].Kind != "poweroff")
            return events;
        while (count > 0 && IsOfShutdown(events[count - 1]))
            count--;
        return events.Take(count).ToList();
    }

    private static bool IsOfShutdown(GuestEvent item) =>
        item.Kind is "poweroff" or "exit" || (item.Kind is "device" or "service" && item.Text("state") is "detached" or "stopped");

    private static void PrintBoot(IAnsiConsole console, IReadOnlyList<GuestEvent> events)
    {
        if (events.LastOrDefault(e => e.Kind == "boot") is not { } boot)
        {
            console.MarkupLine("[yellow]The kernel has not reported on its event log.[/]");
            return;
        }

        var memory = boot.Number("memory") is { } bytes ? $"{bytes >> 20} MiB" : "?";
        console.MarkupLineInterpolated($"Booted by {boot.Text("protocol")}, {boot.Text("cpus")} CPU(s), {memory}, {Milestone(events, "runtime")}, {Milestone(events, "ready")}");
    }

    private static string Milestone(IReadOnlyList<GuestEvent> events, string kind) =>
        events.LastOrDefault(e => e.Kind == kind) is { } found
            ? string.Create(CultureInfo.InvariantCulture, $"{kind} after {found.Time / 1e6:F1} ms")
            : $"{kind} not reached";

    private static void PrintTable(IAnsiConsole console, string title, IReadOnlyList<GuestEvent> rows, params string[] members)
    {
        if (rows.Count == 0)
            return;
        var used = members.Where(member => rows.Any(row => !string.IsNullOrEmpty(row.Text(member)))).ToList();
        var table = new Table().Title(title).RoundedBorder();
        foreach (var member in used)
            table.AddColumn(member);
        foreach (var row in rows)
            table.AddRow(used.Select(member => Markup.Escape(row.Text(member) ?? "")).ToArray());
        console.Write(table);
    }
}
