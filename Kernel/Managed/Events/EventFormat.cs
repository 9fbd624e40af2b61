using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace GuestOS.Kernel.Events;

/// <summary>Formats events as members of a JSON object, without the braces: the low-level kernel adds the time and them.</summary>
public static class EventFormat
{
    /// <summary>Appends <c>"event":"kind","name":value,...</c> as UTF-8.</summary>
    public static void Append(IBufferWriter<byte> output, string kind, ReadOnlySpan<EventMember> members)
    {
        AppendName(output, "event");
        AppendText(output, kind);
        foreach (ref readonly EventMember member in members)
        {
            if (member.Kind == EventMemberKind.Absent)
                continue;
            output.Write(","u8);
            AppendName(output, member.Name);
            AppendValue(output, member);
        }
    }

    private static void AppendName(IBufferWriter<byte> output, string name)
    {
        AppendText(output, name);
        output.Write(":"u8);
    }

    private static void AppendValue(IBufferWriter<byte> output, in EventMember member)
    {
        switch (member.Kind)
        {
            case EventMemberKind.Text:
                AppendText(output, member.Text!);
                break;
            case EventMemberKind.True:
                output.Write("true"u8);
                break;
            default:
                Span<byte> digits = stackalloc byte[20];
                int length;
                if (member.Kind == EventMemberKind.Number)
                    Utf8Formatter.TryFormat(member.Number, digits, out length);
                else
                    Utf8Formatter.TryFormat(unchecked((ulong)member.Number), digits, out length);
                output.Write(digits[..length]);
                break;
        }
    }

    /// <summary>RFC 8259 section 7: quotation mark, reverse solidus and control characters are escaped; unpaired surrogates become U+FFFD.</summary>
    private static void AppendText(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        output.Write("\""u8);
        while (!text.IsEmpty)
        {
            int plain = PlainLength(text);
            if (plain > 0)
            {
                Span<byte> destination = output.GetSpan(Encoding.UTF8.GetMaxByteCount(plain));
                output.Advance(Encoding.UTF8.GetBytes(text[..plain], destination));
                text = text[plain..];
            }

            if (!text.IsEmpty)
            {
                AppendEscaped(output, text[0]);
                text = text[1..];
            }
        }

        output.Write("\""u8);
    }

    private static int PlainLength(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is < ' ' or '"' or '\\' or '\x7f')
                return i;
        }

        return text.Length;
    }

    private static void AppendEscaped(IBufferWriter<byte> output, char character)
    {
        switch (character)
        {
            case '"':
                output.Write("\\\""u8);
                break;
            case '\\':
                output.Write("\\\\"u8);
                break;
            case '\n':
                output.Write("\\n"u8);
                break;
            case '\r':
                output.Write("\\r"u8);
                break;
            case '\t':
                output.Write("\\t"u8);
                break;
            default:
                ReadOnlySpan<byte> hex = "0123456789abcdef"u8;
                output.Write("\\u00"u8);
                output.Write([hex[character >> 4], hex[character & 15]]);
                break;
        }
    }
}
