namespace GuestOS.Drivers.Ata;

/// <summary>Packet commands (SPC-3, MMC-4, SFF-8020i 10.8).</summary>
internal static class ScsiOpcode
{
    public const byte TestUnitReady = 0x00;
    public const byte RequestSense = 0x03;
    public const byte StartStopUnit = 0x1B;
    public const byte PreventAllowMediumRemoval = 0x1E;
    public const byte ReadCapacity10 = 0x25;
    public const byte Read10 = 0x28;
    public const byte GetEventStatusNotification = 0x4A;
    public const byte Read12 = 0xA8;
}

/// <summary>Names of packet commands and sense keys.</summary>
internal static class ScsiText
{
    private static readonly string[] Keys =
    [
        "no sense", "recovered error", "not ready", "medium error", "hardware error", "illegal request", "unit attention", "data protect",
        "blank check", "vendor specific", "copy aborted", "aborted command", "obsolete", "volume overflow", "miscompare", "completed",
    ];

    /// <summary>The name in the standard.</summary>
    public static string Name(byte opcode) => opcode switch
    {
        ScsiOpcode.TestUnitReady => "TEST UNIT READY",
        ScsiOpcode.RequestSense => "REQUEST SENSE",
        ScsiOpcode.StartStopUnit => "START STOP UNIT",
        ScsiOpcode.PreventAllowMediumRemoval => "PREVENT ALLOW MEDIUM REMOVAL",
        ScsiOpcode.ReadCapacity10 => "READ CAPACITY(10)",
        ScsiOpcode.Read10 => "READ(10)",
        ScsiOpcode.GetEventStatusNotification => "GET EVENT STATUS NOTIFICATION",
        ScsiOpcode.Read12 => "READ(12)",
        _ => "PACKET",
    };

    /// <summary>Sense key, 0 to 15 (SPC-3 table 27).</summary>
    public static string Key(int key) => Keys[key & 15];
}
