using System.Runtime.InteropServices;

namespace GuestOS.Services.Text;

/// <summary>UTF-16 text in a field of fixed size, ended by a zero. What a host put there ends where the field ends, zero or not.</summary>
internal static class Utf16Field
{
    /// <summary>The text of a field.</summary>
    /// <param name="field">The whole field.</param>
    /// <param name="size">Bytes that the host calls used; more than the field has means all of it.</param>
    public static string Read(ReadOnlySpan<byte> field, long size = long.MaxValue)
    {
        var characters = MemoryMarshal.Cast<byte, char>(field[..(int)Math.Min(size, field.Length)]);
        var end = characters.IndexOf('\0');
        return new string(end < 0 ? characters : characters[..end]);
    }

    /// <summary>Fills a field: text, ending zero, zeros.</summary>
    /// <returns>Bytes of the text with its ending zero; -1, with the field untouched, when it does not fit.</returns>
    public static int Write(Span<byte> field, string text)
    {
        var size = (text.Length + 1) * sizeof(char);
        if (size > field.Length)
            return -1;
        MemoryMarshal.AsBytes(text.AsSpan()).CopyTo(field);
        field[(size - sizeof(char))..].Clear();
        return size;
    }
}
