using System.Globalization;

namespace GuestOS.Kernel.Shell;

/// <summary>Sizes for people.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>The size in the largest unit of which it has one, with one digit after the point.</summary>
    public static string Format(UInt128 bytes)
    {
        int unit = 0;
        UInt128 tenths = bytes * 10;
        while (tenths >= 10240 && unit < Units.Length - 1)
        {
            tenths /= 1024;
            unit++;
        }

        ulong shown = (ulong)tenths;
        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{shown / 10} {Units[unit]}")
            : string.Create(CultureInfo.InvariantCulture, $"{shown / 10}.{shown % 10} {Units[unit]}");
    }
}
