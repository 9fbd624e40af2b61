namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Value of a STIMERn_CONFIG register (TLFS 12.2).</summary>
/// <param name="Value">As in the register.</param>
public readonly record struct TimerConfig(ulong Value)
{
    private const ulong EnableBit = 1;
    private const ulong PeriodicBit = 2;
    private const ulong AutoEnableBit = 8;
    private const ulong DirectBit = 1UL << 12;

    /// <summary>Bit 0.</summary>
    public bool IsEnabled => (Value & EnableBit) != 0;

    /// <summary>Bit 1.</summary>
    public bool IsPeriodic => (Value & PeriodicBit) != 0;

    /// <summary>Bit 3: a COUNT other than 0 enables.</summary>
    public bool IsAutoEnable => (Value & AutoEnableBit) != 0;

    /// <summary>Bit 12.</summary>
    public bool IsDirect => (Value & DirectBit) != 0;

    /// <summary>Bits 11:4.</summary>
    public byte Vector => (byte)(Value >> 4);

    /// <summary>Bits 19:16; message mode, 0 is none.</summary>
    public Sint Sint => new((byte)((Value >> 16) & 15));

    /// <summary>An interrupt vector without the SynIC; enabled by the next COUNT.</summary>
    public static TimerConfig Direct(byte vector, bool periodic) => new(AutoEnableBit | DirectBit | ((ulong)vector << 4) | (periodic ? PeriodicBit : 0));

    /// <summary>A message in the slot of that source; enabled by the next COUNT.</summary>
    public static TimerConfig Message(Sint sint, bool periodic) => new(AutoEnableBit | ((ulong)sint.Value << 16) | (periodic ? PeriodicBit : 0));

    /// <summary>The same with the enable bit set or not.</summary>
    public TimerConfig WithEnabled(bool enabled) => new(enabled ? Value | EnableBit : Value & ~EnableBit);
}
