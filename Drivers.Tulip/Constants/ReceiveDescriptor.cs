namespace GuestOS.Drivers.Tulip;

/// <summary>RDES0 and RDES1 (21140A hardware reference 4.2.1).</summary>
internal static class ReceiveDescriptor
{
    /// <summary>The chip's.</summary>
    public const uint Own = 1u << 31;

    /// <summary>FL: 14 bits, check sequence included.</summary>
    public const int LengthShift = 16;
    public const uint LengthMask = 0x3FFF;

    /// <summary>ES: one of the error bits of the last descriptor.</summary>
    public const uint ErrorSummary = 1 << 15;
    public const uint DescriptorError = 1 << 14;
    public const uint Runt = 1 << 11;
    public const uint First = 1 << 9;
    public const uint Last = 1 << 8;

    /// <summary>TL: more than 1518 bytes; not an error by itself.</summary>
    public const uint TooLong = 1 << 7;
    public const uint CollisionSeen = 1 << 6;

    /// <summary>RW: the frame was cut, its length is not valid.</summary>
    public const uint Watchdog = 1 << 4;
    public const uint MiiError = 1 << 3;
    public const uint CrcError = 1 << 1;
    public const uint Overflow = 1 << 0;

    /// <summary>RDES1: buffer 1's size, a multiple of 4.</summary>
    public const uint SizeMask = 0x7FF;

    /// <summary>RDES1 and TDES1: buffer 2 is the next descriptor's address.</summary>
    public const uint Chained = 1 << 24;

    /// <summary>RDES1 and TDES1: the ring begins again after this descriptor.</summary>
    public const uint EndOfRing = 1 << 25;
}
