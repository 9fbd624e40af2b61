namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>The control page before the data of a ring (offsets in bytes).</summary>
public static class RingControl
{
    /// <summary>Bytes before the data.</summary>
    public const int PageSize = 4096;

    /// <summary>u32, written by the producer.</summary>
    public const int WriteIndex = 0;

    /// <summary>u32, written by the consumer.</summary>
    public const int ReadIndex = 4;

    /// <summary>u32, written by the consumer; 1 asks for no signal.</summary>
    public const int InterruptMask = 8;

    /// <summary>u32, written by a producer that waits for so many free bytes; 0 is none.</summary>
    public const int PendingSendSize = 12;

    /// <summary>u32.</summary>
    public const int FeatureBits = 64;

    /// <summary>Feature bit 0: the pending send size is served.</summary>
    public const uint PendingSendSizeSupported = 1;

    /// <summary>Every index and length is a multiple of this.</summary>
    public const int Unit = 8;

    /// <summary>Bytes behind every packet.</summary>
    public const int FooterSize = 8;
}
