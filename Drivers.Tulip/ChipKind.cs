namespace GuestOS.Drivers.Tulip;

/// <summary>The members of the family that the driver knows.</summary>
internal enum ChipKind
{
    /// <summary>1011:0009: MII or SYM, and a general purpose port of eight pins (Hyper-V's).</summary>
    Dec21140,

    /// <summary>1011:0019: MII, SYM, and a serial port with its own transceiver (QEMU's).</summary>
    Dec21143,
}
