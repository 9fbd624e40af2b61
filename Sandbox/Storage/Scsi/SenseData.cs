using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>Why a command failed, or what has changed.</summary>
/// <param name="Key">Sense key.</param>
/// <param name="Code">Additional sense code.</param>
/// <param name="Qualifier">Additional sense code qualifier.</param>
public readonly record struct SenseData(SenseKey Key, byte Code, byte Qualifier)
{
    /// <summary>The command is not known.</summary>
    public static SenseData InvalidCommand => new(SenseKey.IllegalRequest, 0x20, 0);

    /// <summary>Blocks beyond the end.</summary>
    public static SenseData OutOfRange => new(SenseKey.IllegalRequest, 0x21, 0);

    /// <summary>A field of the command.</summary>
    public static SenseData InvalidField => new(SenseKey.IllegalRequest, 0x24, 0);

    /// <summary>A field of the parameter list.</summary>
    public static SenseData InvalidParameter => new(SenseKey.IllegalRequest, 0x26, 0);

    /// <summary>Power on, reset or bus device reset.</summary>
    public static SenseData WasReset => new(SenseKey.UnitAttention, 0x29, 0);

    /// <summary>Another size.</summary>
    public static SenseData CapacityChanged => new(SenseKey.UnitAttention, 0x2A, 9);

    /// <summary>Logical units have come or gone.</summary>
    public static SenseData LunsChanged => new(SenseKey.UnitAttention, 0x3F, 0x0E);

    /// <summary>Another medium.</summary>
    public static SenseData MediumChanged => new(SenseKey.UnitAttention, 0x28, 0);

    /// <summary>No medium.</summary>
    public static SenseData NoMedium => new(SenseKey.NotReady, 0x3A, 0);

    /// <summary>Unreadable.</summary>
    public static SenseData Unreadable => new(SenseKey.MediumError, 0x11, 0);

    /// <summary>Not to be written.</summary>
    public static SenseData UnwritablePlace => new(SenseKey.MediumError, 0x0C, 0);

    /// <summary>Write protection.</summary>
    public static SenseData WriteProtected => new(SenseKey.DataProtect, 0x27, 0);

    /// <summary>In fixed format (SPC-4, 4.5.3), 18 bytes.</summary>
    public void Write(Span<byte> destination)
    {
        destination[..ScsiConstants.FixedSenseLength].Clear();
        destination[0] = ScsiConstants.FixedSense;
        destination[2] = (byte)Key;
        destination[7] = ScsiConstants.FixedSenseLength - 8;
        destination[12] = Code;
        destination[13] = Qualifier;
    }
}
