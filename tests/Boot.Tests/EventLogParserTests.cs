using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GuestOS.Boot.Events;

namespace GuestOS.Boot.Tests;

public sealed class EventLogParserTests
{
    private const string Sample =
        "\x1b[2J\x1b[01;01HBdsDxe: loading Boot0001\r\n" +
        "Welcome to GRUB! \x1b[0m{\"t\":5,\"event\":\"boot\",\"protocol\":\"pvh\",\"cpus\":2}\n" +
        "\n" +
        "{\"t\":1}\n" +
        "{\"t\":7,\"event\":\"runtime\"} trailing\n" +
        "{\"t\":{\"t\":8,\"event\":\"device\",\"text\":\"a \\\"quoted\\\" {\\\"t\\\":1}\"}\r\n" +
        "{\"t\":9,\"event\":\"ready\"}\n" +
        "{\"t\":10,\"event\":\"power";

    private static readonly string[] SampleKinds = ["boot", "device", "ready"];

    [Fact]
    public void Events_are_found_between_garbage_and_what_is_none_is_counted()
    {
        var parser = new EventLogParser();
        List<GuestEvent> events = [.. parser.Feed(Encoding.UTF8.GetBytes(Sample)), .. parser.Finish()];

        Assert.Equal(SampleKinds, events.Select(e => e.Kind));
        Assert.Equal(5UL, events[0].Time);
        Assert.Equal(2, events[0].Number("cpus"));
        Assert.Equal("a \"quoted\" {\"t\":1}", events[1].Text("text"));
        Assert.Equal(4, parser.SkippedLines);
    }

    [Fact]
    public void A_cut_in_any_place_changes_nothing()
    {
        var bytes = Encoding.UTF8.GetBytes(Sample);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var parser = new EventLogParser();
            List<GuestEvent> events = [.. parser.Feed(bytes.AsSpan(0, cut)), .. parser.Feed(bytes.AsSpan(cut)), .. parser.Finish()];
            Assert.Equal(SampleKinds, events.Select(e => e.Kind));
            Assert.Equal(4, parser.SkippedLines);
        }
    }

    [Fact]
    public void Any_bytes_are_survived_and_an_event_after_them_is_found()
    {
        var property = Prop.ForAll<byte[]>(noise =>
        {
            var parser = new EventLogParser();
            parser.Feed(noise);
            parser.Feed("\n"u8);
            return parser.Feed("{\"t\":1,\"event\":\"ready\"}\n"u8) is [{ Kind: "ready" }];
        });
        property.Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void A_line_without_end_does_not_grow_without_bound_and_the_next_line_counts()
    {
        var parser = new EventLogParser();
        var chunk = new byte[64 << 10];
        chunk.AsSpan().Fill((byte)'x');
        for (var i = 0; i < 64; i++)
            Assert.Empty(parser.Feed(chunk));
        var events = parser.Feed("\n{\"t\":1,\"event\":\"ready\"}\n"u8);
        Assert.Equal("ready", Assert.Single(events).Kind);
        Assert.Equal(1, parser.SkippedLines);
    }

    [Theory]
    [InlineData("{\"t\":-1,\"event\":\"x\"}")]
    [InlineData("{\"t\":1.5,\"event\":\"x\"}")]
    [InlineData("{\"t\":\"1\",\"event\":\"x\"}")]
    [InlineData("{\"t\":1,\"event\":2}")]
    [InlineData("{\"t\":1,\"event\":\"x\"")]
    [InlineData("[1]")]
    [InlineData("")]
    public void What_lacks_time_or_kind_is_no_event(string line) =>
        Assert.Null(EventLogParser.ParseLine(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void The_largest_time_is_read() =>
        Assert.Equal(ulong.MaxValue, EventLogParser.ParseLine("{\"t\":18446744073709551615,\"event\":\"x\"}"u8)!.Time);
}
