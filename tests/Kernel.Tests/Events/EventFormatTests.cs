using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GuestOS.Kernel.Events;

namespace GuestOS.Kernel.Tests.Events;

public sealed class EventFormatTests
{
    [Fact]
    public void Members_are_written_in_order_and_absent_ones_left_out() => Assert.Equal(
        @"""event"":""disk"",""name"":""ata0.0"",""blocks"":18446744073709551615,""delta"":-5,""boot"":true",
        Format("disk", new("name", "ata0.0"), new("model", null), new("blocks", ulong.MaxValue), new("delta", -5), new("boot", true), new("none", false), default));

    [Fact]
    public void Texts_are_escaped() => Assert.Equal(
        @"""event"":""x"",""t"":""a\""b\\c\n\r\t\u0001\u007fé€😀\u001b[0m""",
        Format("x", new EventMember("t", "a\"b\\c\n\r\t\u0001\u007fé€😀\u001b[0m")));

    [Fact]
    public void Any_text_survives_a_json_reader() => Prop.ForAll<string>(text =>
    {
        if (text is null)
            return;
        JsonElement read = JsonDocument.Parse("{" + Format("x", new EventMember("t", text)) + "}").RootElement;
        Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), read.GetProperty("t").GetString());
    }).QuickCheckThrowOnFailure();

    private static string Format(string kind, params EventMember[] members)
    {
        var output = new ArrayBufferWriter<byte>();
        EventFormat.Append(output, kind, members);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
