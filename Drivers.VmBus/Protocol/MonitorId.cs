namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>A bit of the monitor pages.</summary>
/// <param name="Value">0 to 127; 0xFF is none.</param>
public readonly record struct MonitorId(byte Value)
{
    /// <summary>No monitor.</summary>
    public static MonitorId None => new(0xFF);

    /// <summary>True up to 127.</summary>
    public bool IsValid => Value <= 127;

    /// <summary>Trigger group.</summary>
    public int Group => Value / 32;

    /// <summary>The bit inside of the group.</summary>
    public uint Bit => 1u << (Value % 32);
}
