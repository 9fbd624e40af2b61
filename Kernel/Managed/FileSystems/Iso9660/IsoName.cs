using System.Text;

namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>Names as they come from a disc.</summary>
internal static class IsoName
{
    /// <summary>Longest name that is taken (NAME_MAX of Linux).</summary>
    public const int Longest = 255;

    /// <summary>A plain or Joliet name without its version; a dot at the end belongs to an empty extension (7.5.1).</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, bool isJoliet)
    {
        string name = isJoliet ? Encoding.BigEndianUnicode.GetString(bytes) : Encoding.Latin1.GetString(bytes);
        int version = name.LastIndexOf(';');
        if (version > 0)
            name = name[..version];
        return name.Length > 1 && name[^1] == '.' ? name[..^1] : name;
    }

    /// <summary>Whether a name can stand in a path.</summary>
    public static bool IsUsable(string name) =>
        name.Length is > 0 and <= Longest && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '\0') < 0;

    /// <summary>Printable characters only, trimmed: for labels that go to terminals.</summary>
    public static string Printable(string text)
    {
        var clean = new StringBuilder();
        foreach (char character in text)
        {
            if (!char.IsControl(character) && !char.IsSurrogate(character))
                clean.Append(character);
        }

        return clean.ToString().Trim();
    }
}
