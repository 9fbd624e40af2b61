namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Value of a SINT register (TLFS 11.8).</summary>
/// <param name="Value">As in the register.</param>
public readonly record struct SintRegister(ulong Value)
{
    private const ulong MaskedBit = 1UL << 16;
    private const ulong AutoEoiBit = 1UL << 17;
    private const ulong PollingBit = 1UL << 18;
    private const ulong Ours = 0xFF | MaskedBit | AutoEoiBit | PollingBit;

    /// <summary>After reset.</summary>
    public static SintRegister Reset => new(MaskedBit);

    /// <summary>Bits 7:0.</summary>
    public byte Vector => (byte)Value;

    /// <summary>Bit 16.</summary>
    public bool IsMasked => (Value & MaskedBit) != 0;

    /// <summary>Bit 17.</summary>
    public bool IsAutoEoi => (Value & AutoEoiBit) != 0;

    /// <summary>Bit 18.</summary>
    public bool IsPolling => (Value & PollingBit) != 0;

    /// <summary>Unmasked with this vector; the other bits are kept.</summary>
    public SintRegister Unmasked(byte vector, bool autoEoi) => new((Value & ~Ours) | vector | (autoEoi ? AutoEoiBit : 0));

    /// <summary>The same, masked.</summary>
    public SintRegister Masked() => new((Value & ~AutoEoiBit) | MaskedBit);
}
