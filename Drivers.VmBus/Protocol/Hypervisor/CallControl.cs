namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>The control word of a hypercall (TLFS 3.7).</summary>
/// <param name="Value">As in RCX.</param>
public readonly record struct CallControl(ulong Value)
{
    private const ulong FastBit = 1UL << 16;

    /// <summary>Bits 15:0.</summary>
    public CallCode Code => (CallCode)(ushort)Value;

    /// <summary>Bit 16.</summary>
    public bool IsFast => (Value & FastBit) != 0;

    /// <summary>Bits 43:32.</summary>
    public int RepCount => (int)((Value >> 32) & 0xFFF);

    /// <summary>Bits 59:48.</summary>
    public int RepStart => (int)((Value >> 48) & 0xFFF);

    /// <summary>A call with blocks in memory.</summary>
    public static CallControl Slow(CallCode code, int variableHeader8 = 0, int repCount = 0) =>
        new((ulong)code | ((ulong)variableHeader8 << 17) | ((ulong)repCount << 32));

    /// <summary>A call with parameters in registers.</summary>
    public static CallControl Fast(CallCode code, int variableHeader8 = 0, int repCount = 0) =>
        new(Slow(code, variableHeader8, repCount).Value | FastBit);

    /// <summary>The same, going on at that repetition.</summary>
    public CallControl StartingAt(int rep) => new((Value & ~(0xFFFUL << 48)) | ((ulong)rep << 48));
}
