namespace GuestOS.Kernel.Core;

/// <summary>The registers of a CMOS clock as read, and their meaning (Motorola MC146818 data sheet). Pure.</summary>
internal struct RtcTime
{
    private const byte IsBinary = 1 << 2;
    private const byte Is24Hour = 1 << 1;
    private const byte IsAfternoon = 0x80;
    private const uint DaysTo1970 = 719_468;

    /// <summary>Registers 0, 2, 4, 7, 8, 9 and, where the firmware names one, the century; otherwise 0.</summary>
    public byte Second, Minute, Hour, Day, Month, Year, Century;

    /// <summary>Register B.</summary>
    public byte StatusB;

    /// <summary>True when two readings show the same time.</summary>
    public static bool Same(ref RtcTime a, ref RtcTime b)
        => a.Second == b.Second && a.Minute == b.Minute && a.Hour == b.Hour && a.Day == b.Day
            && a.Month == b.Month && a.Year == b.Year && a.Century == b.Century;

    /// <summary>Seconds since 1970, taking the clock for UTC. False when the registers do not hold a time from 1970 to 2261.</summary>
    public static bool TryDecode(ref RtcTime time, out ulong unixSeconds)
    {
        unixSeconds = 0;
        bool binary = (time.StatusB & IsBinary) != 0;
        bool afternoon = (time.Hour & IsAfternoon) != 0;
        bool is24 = (time.StatusB & Is24Hour) != 0;
        if (!Number(time.Second, binary, out uint second) || !Number(time.Minute, binary, out uint minute)
            || !Number((byte)(is24 ? time.Hour : time.Hour & ~IsAfternoon), binary, out uint hour)
            || !Number(time.Day, binary, out uint day) || !Number(time.Month, binary, out uint month)
            || !Number(time.Year, binary, out uint year) || year > 99)
            return false;

        if (!is24)
        {
            if (hour is 0 or > 12)
                return false;
            hour = hour % 12 + (afternoon ? 12U : 0U);
        }

        // A century register that holds anything else is another byte of the CMOS.
        if (Number(time.Century, binary, out uint century) && century is >= 19 and <= 22)
            year += century * 100;
        else
            year += year < 70 ? 2000U : 1900U;

        if (second > 59 || minute > 59 || hour > 23 || month is 0 or > 12 || day == 0 || day > DaysOfMonth(month, year)
            || year is < 1970 or > 2261)
            return false;
        unixSeconds = ((ulong)DaysSince1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
        return true;
    }

    private static bool Number(byte value, bool binary, out uint number)
    {
        number = value;
        if (binary)
            return true;
        uint tens = (uint)value >> 4;
        uint ones = (uint)value & 0xF;
        number = tens * 10 + ones;
        return tens <= 9 && ones <= 9;
    }

    private static uint DaysOfMonth(uint month, uint year) => month switch
    {
        2 => IsLeap(year) ? 29U : 28U,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private static bool IsLeap(uint year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    // Years that begin in March put the leap day last; then days before a month are a straight line, and 400 years a period.
    private static uint DaysSince1970(uint year, uint month, uint day)
    {
        if (month <= 2)
            year--;
        uint era = year / 400;
        uint yearOfEra = year % 400;
        uint dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        uint dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - DaysTo1970;
    }
}
