namespace GuestOS.Sandbox.Ide;

/// <summary>Bits of the ATA status register (ATA/ATAPI-6 7.15).</summary>
internal static class Status
{
    public const byte Err = 0x01;
    public const byte Drq = 0x08;
    public const byte Dsc = 0x10;
    public const byte Df = 0x20;
    public const byte Drdy = 0x40;
    public const byte Bsy = 0x80;
}

/// <summary>Bits of the ATA error register (ATA/ATAPI-6 7.9).</summary>
internal static class Err
{
    public const byte Abrt = 0x04;
    public const byte Idnf = 0x10;
    public const byte Unc = 0x40;
    public const byte Icrc = 0x80;
}

/// <summary>Device control register (ATA/ATAPI-6 7.8).</summary>
internal static class Control
{
    public const byte Nien = 0x02;
    public const byte Srst = 0x04;
    public const byte Hob = 0x80;
}

/// <summary>Sense keys and additional sense codes of MMC-4 annex F.</summary>
internal static class Sense
{
    public const byte NotReady = 2;
    public const byte MediumError = 3;
    public const byte IllegalRequest = 5;
    public const byte UnitAttention = 6;
    public const ushort BecomingReady = 0x0401;
    public const ushort UnrecoveredRead = 0x1100;
    public const ushort InvalidOpcode = 0x2000;
    public const ushort LbaOutOfRange = 0x2100;
    public const ushort InvalidField = 0x2400;
    public const ushort MediumChanged = 0x2800;
    public const ushort Reset = 0x2900;
    public const ushort NoMedium = 0x3A00;
    public const ushort RemovalPrevented = 0x5302;
}
