using GuestOS.Boot.Build;
using GuestOS.Boot.Consoles;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Emulated;
using GuestOS.Boot.Hosts.Lab;
using GuestOS.Boot.Images;
using GuestOS.Boot.Smoke;
using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Boot.Tests;

public sealed class SmokeReportTests
{
    private static readonly string[] PowerOffs = ["poweroff-pc", "poweroff-q35"];

    [Fact]
    public void Scenario_names_are_unique_and_plain()
    {
        Assert.Equal(ScenarioCatalog.All.Count, ScenarioCatalog.All.Select(scenario => scenario.Name).Distinct().Count());
        Assert.All(ScenarioCatalog.All, scenario => Assert.Matches("^[a-z0-9-]+$", scenario.Name));
    }

    [Fact]
    public void Scenarios_are_selected_by_name_and_by_their_beginning()
    {
        Assert.Equal(ScenarioCatalog.All, ScenarioCatalog.Select([], HostChoice.Auto));
        Assert.Equal(PowerOffs, ScenarioCatalog.Select(["poweroff-*"], HostChoice.Auto).Select(scenario => scenario.Name));
        Assert.Equal("console", Assert.Single(ScenarioCatalog.Select(["console"], EmulatedHost.HostName)).Name);
        Assert.Contains("nonsense", Assert.Throws<ToolException>(() => ScenarioCatalog.Select(["console", "nonsense"], HostChoice.Auto)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_host_has_its_own_scenarios()
    {
        Assert.All(ScenarioCatalog.Select([], LabHost.HostName), scenario => Assert.StartsWith("lab-", scenario.Name, StringComparison.Ordinal));
        Assert.All(ScenarioCatalog.Select([], EmulatedHost.HostName), scenario => Assert.Equal(EmulatedHost.HostName, scenario.HostName));
        var error = Assert.Throws<ToolException>(() => ScenarioCatalog.Select(["console"], LabHost.HostName));
        Assert.Contains("no scenario console of the host lab", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_whose_host_cannot_be_had_says_why()
    {
        var hosts = new SmokeHosts();
        hosts.AddMissing(LabHost.HostName, "mmdebstrap is not installed");
        var runner = new SmokeRunner(hosts, SmokeMedia.OfImage(Repository.Find(), new BootMedium("/nowhere", ImageFormat.Elf)), SmokeSettings.Short);
        var results = await runner.RunAsync([ScenarioCatalog.Select(["panic-fault"], HostChoice.Auto)[0], LabCatalog.All[0]], _ => { }, TestContext.Current.CancellationToken);
        Assert.All(results, result => Assert.Equal(Verdict.Skipped, result.Verdict));
        Assert.Equal("the host emulated is not asked for", results[0].Message);
        Assert.Equal("no host lab: mmdebstrap is not installed", results[1].Message);
        Assert.Throws<ToolException>(() => hosts.Get(LabHost.HostName));
    }

    [Fact]
    public void The_rate_of_a_clock_is_as_uncertain_as_its_samples_are_wide()
    {
        var start = DateTimeOffset.UnixEpoch;
        var first = new ClockSample(start, TimeSpan.FromSeconds(7), start.AddMilliseconds(20));
        var end = start.AddMilliseconds(100_010);
        var last = new ClockSample(end.AddMilliseconds(-5), TimeSpan.FromSeconds(107.01), end.AddMilliseconds(5));
        var (drift, uncertainty) = last.DriftSince(first);
        Assert.Equal(100, drift, tolerance: 1e-3);
        Assert.Equal(150, uncertainty, tolerance: 1e-3);
    }

    [Fact]
    public void The_pattern_is_splitmix64()
    {
        // The first outputs for seed 1234567, as published with the generator.
        Assert.Equal(6457827717110365317UL, Pattern.Word(1234567, 0));
        Assert.Equal(3203168211198807973UL, Pattern.Word(1234567, 1));
        var bytes = Pattern.Create(1234567, 16);
        Assert.Equal(6457827717110365317UL, BitConverter.ToUInt64(bytes));
        Assert.Equal(-1, Pattern.FirstDifference(bytes, Pattern.Create(1234567, 16)));
        bytes[9] ^= 1;
        Assert.Equal(9, Pattern.FirstDifference(bytes, Pattern.Create(1234567, 16)));
        Assert.Equal(8, Pattern.FirstDifference(bytes, bytes.AsSpan(0, 8)));
    }

    [Fact]
    public void The_xml_report_counts_and_survives_control_characters()
    {
        var scenarios = ScenarioCatalog.All;
        ScenarioResult[] results =
        [
            new(scenarios[0], Verdict.Passed, "12 ppm", TimeSpan.FromSeconds(1.5), [], null),
            new(scenarios[1], Verdict.Failed, "bad \u001b[1m thing\nmore", TimeSpan.FromSeconds(2), [], "/kept"),
            new(scenarios[2], Verdict.Skipped, "no medium", TimeSpan.Zero, [], null),
        ];
        var suite = System.Xml.Linq.XDocument.Parse(JUnitReport.Create(results).ToString()).Root!.Element("testsuite")!;
        Assert.Equal("3", suite.Attribute("tests")!.Value);
        Assert.Equal("1", suite.Attribute("failures")!.Value);
        Assert.Equal("1", suite.Attribute("skipped")!.Value);
        Assert.Equal("3.500", suite.Attribute("time")!.Value);
        var failure = suite.Descendants("failure").Single();
        Assert.Equal("bad ?[1m thing", failure.Attribute("message")!.Value);
        Assert.Contains("/kept", failure.Value, StringComparison.Ordinal);
        Assert.Equal("12 ppm", suite.Descendants("system-out").Single().Value);
    }

    [Fact]
    public void The_summary_shows_the_last_state_of_each_thing()
    {
        var log = new EventLog();
        log.Feed("{\"t\":1,\"event\":\"device\",\"bus\":\"pci\",\"address\":\"00:01.1\",\"state\":\"attached\"}\n"u8);
        log.Feed("{\"t\":2,\"event\":\"device\",\"bus\":\"pci\",\"address\":\"00:02.0\",\"state\":\"found\"}\n"u8);
        log.Feed("{\"t\":3,\"event\":\"device\",\"bus\":\"pci\",\"address\":\"00:01.1\",\"state\":\"started\"}\n"u8);
        var rows = RunSummary.Latest(log.Snapshot, "device", "bus", "address");
        Assert.Equal(2, rows.Count);
        Assert.Equal("started", rows[0].Text("state"));
        Assert.Equal("found", rows[1].Text("state"));
    }

    [Fact]
    public void The_summary_leaves_out_an_orderly_end_and_nothing_else()
    {
        var log = new EventLog();
        log.Feed("{\"t\":1,\"event\":\"device\",\"address\":\"a\",\"state\":\"detached\"}\n{\"t\":2,\"event\":\"ready\"}\n"u8);
        log.Feed("{\"t\":3,\"event\":\"device\",\"address\":\"b\",\"state\":\"detached\"}\n"u8);
        Assert.Equal(3, RunSummary.BeforeShutdown(log.Snapshot).Count);
        log.Feed("{\"t\":4,\"event\":\"exit\"}\n{\"t\":5,\"event\":\"poweroff\"}\n"u8);
        Assert.Equal("ready", RunSummary.BeforeShutdown(log.Snapshot)[^1].Kind);
        Assert.Empty(RunSummary.BeforeShutdown([]));
    }

    [Fact]
    public void Lines_of_text_on_a_screen_are_counted()
    {
        const int width = 4;
        const int height = 50;
        var header = "P6\n4 50\n255\n"u8.ToArray();
        byte[] picture = [.. header, .. new byte[width * height * 3]];
        Assert.Equal(0, ScreenText.CountLines(picture));
        picture[header.Length + 16 * width * 3] = 1;
        picture[header.Length + 20 * width * 3] = 1;
        picture[header.Length + 47 * width * 3] = 1;
        Assert.Equal(2, ScreenText.CountLines(picture));
        Assert.Throws<InvalidDataException>(() => ScreenText.CountLines("JFIF and more"u8));
    }
}
