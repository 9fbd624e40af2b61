namespace GuestOS.Drivers.Tulip;

/// <summary>CSR9 (21140A hardware reference 3.2.2.7): wires to the serial ROM and to the MII's management port.</summary>
internal static class SerialBits
{
    public const uint ChipSelect = 1 << 0;
    public const uint SromClock = 1 << 1;

    /// <summary>To the ROM.</summary>
    public const uint SromDataIn = 1 << 2;

    /// <summary>From the ROM.</summary>
    public const uint SromDataOut = 1 << 3;

    /// <summary>The register's low byte is the serial ROM's; read mode.</summary>
    public const uint SromRead = 0x4800;

    public const uint MiiClock = 1 << 16;

    /// <summary>To the PHY.</summary>
    public const uint MiiDataOut = 1 << 17;

    /// <summary>The PHY drives the data wire.</summary>
    public const uint MiiRead = 1 << 18;

    /// <summary>From the PHY.</summary>
    public const uint MiiDataIn = 1 << 19;
}
