using System.Globalization;
using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Tests;

/// <summary>Literals of the protocol as bytes.</summary>
internal static class Hex
{
    /// <summary>Bytes of "0e 00 ..."; white space separates.</summary>
    public static byte[] Parse(string text) =>
        [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(part => byte.Parse(part, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];

    public static byte[] Of<T>(in T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();
}
