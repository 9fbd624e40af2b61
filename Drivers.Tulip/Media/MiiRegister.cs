namespace GuestOS.Drivers.Tulip;

/// <summary>Registers of a PHY and their bits (IEEE 802.3, clause 22.2.4, table 22-6 on; clause 28.2.4).</summary>
internal static class MiiRegister
{
    public const int Control = 0;
    public const int Status = 1;
    public const int Advertisement = 4;
    public const int PartnerAbility = 5;

    public const ushort ControlFullDuplex = 0x0100;
    public const ushort ControlRestart = 0x0200;
    public const ushort ControlIsolate = 0x0400;
    public const ushort ControlPowerDown = 0x0800;
    public const ushort ControlNegotiate = 0x1000;
    public const ushort ControlHundred = 0x2000;

    public const ushort StatusLink = 0x0004;
    public const ushort StatusCanNegotiate = 0x0008;
    public const ushort StatusNegotiated = 0x0020;

    /// <summary>The PHY needs no preamble.</summary>
    public const ushort StatusNoPreamble = 0x0040;

    /// <summary>Where the abilities of the status register lie in the advertisement: shifted by so many places.</summary>
    public const int AbilityShift = 6;
    public const ushort AbilityMask = 0x03E0;

    /// <summary>Selector field: IEEE 802.3.</summary>
    public const ushort Selector = 0x0001;

    public const ushort TenHalf = 0x0020;
    public const ushort TenFull = 0x0040;
    public const ushort HundredHalf = 0x0080;
    public const ushort HundredFull = 0x0100;
    public const ushort HundredT4 = 0x0200;
}
