using System.Buffers.Text;

namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>Dates of the two kinds. A date that cannot be is the Unix epoch.</summary>
internal static class IsoTime
{
    public const int ShortLength = 7;
    public const int LongLength = 17;

    private const int QuarterHours = 15;

    /// <summary>9.1.5: years since 1900, month, day, hour, minute, second, quarter hours from Greenwich.</summary>
    public static DateTimeOffset ReadShort(ReadOnlySpan<byte> bytes) =>
        Make(1900 + bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], 0, (sbyte)bytes[6]);

    /// <summary>8.4.26.1: digits yyyymmddhhmmss and hundredths, then quarter hours from Greenwich.</summary>
    public static DateTimeOffset ReadLong(ReadOnlySpan<byte> bytes) => Make(
        Digits(bytes[..4]), Digits(bytes[4..6]), Digits(bytes[6..8]), Digits(bytes[8..10]), Digits(bytes[10..12]), Digits(bytes[12..14]),
        Digits(bytes[14..16]), (sbyte)bytes[16]);

    private static int Digits(ReadOnlySpan<byte> bytes) =>
        Utf8Parser.TryParse(bytes, out uint value, out int used) && used == bytes.Length ? (int)value : -1;

    private static DateTimeOffset Make(int year, int month, int day, int hour, int minute, int second, int hundredth, int zone)
    {
        if (year is < 1900 or > 2500 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || hundredth is < 0 or > 99 || zone is < -48 or > 52)
        {
            return DateTimeOffset.UnixEpoch;
        }

        return new DateTimeOffset(year, month, day, hour, minute, second, hundredth * 10, TimeSpan.FromMinutes(zone * QuarterHours));
    }
}
