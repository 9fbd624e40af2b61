namespace GuestOS.Drivers.Tulip;

/// <summary>TDES0 and TDES1 (21140A hardware reference 4.2.2).</summary>
internal static class TransmitDescriptor
{
    /// <summary>The chip's.</summary>
    public const uint Own = 1u << 31;

    public const uint ErrorSummary = 1 << 15;
    public const uint Jabber = 1 << 14;
    public const uint LossOfCarrier = 1 << 11;
    public const uint NoCarrier = 1 << 10;
    public const uint LateCollision = 1 << 9;
    public const uint ExcessiveCollisions = 1 << 8;
    public const uint LinkFail = 1 << 2;
    public const uint Underflow = 1 << 1;

    /// <summary>TDES1: buffer 1's size.</summary>
    public const uint SizeMask = 0x7FF;

    /// <summary>FT0, with FT1 clear: the setup frame is a hash table and one perfect address.</summary>
    public const uint HashFilter = 1 << 22;
    public const uint SetupFrame = 1 << 27;
    public const uint First = 1 << 29;
    public const uint Last = 1 << 30;

    /// <summary>IC: interrupt when it is done.</summary>
    public const uint Interrupt = 1u << 31;
}
