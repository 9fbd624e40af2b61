namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>What kind of thing sense data tells (SPC-4, table 49).</summary>
public enum SenseKey : byte
{
    /// <summary>Nothing.</summary>
    NoSense = 0x0,

    /// <summary>Done, with difficulty.</summary>
    RecoveredError = 0x1,

    /// <summary>Not ready.</summary>
    NotReady = 0x2,

    /// <summary>The medium is bad there.</summary>
    MediumError = 0x3,

    /// <summary>The device is bad.</summary>
    HardwareError = 0x4,

    /// <summary>The command, or a field of it, is not known.</summary>
    IllegalRequest = 0x5,

    /// <summary>Something has changed since the last command.</summary>
    UnitAttention = 0x6,

    /// <summary>Write protection.</summary>
    DataProtect = 0x7,

    /// <summary>Aborted; may be tried again.</summary>
    AbortedCommand = 0xB,
}
