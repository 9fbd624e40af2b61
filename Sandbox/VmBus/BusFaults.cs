namespace GuestOS.Sandbox.VmBus;

/// <summary>What a host does wrong on purpose, at the level of the bus. Everything is off until it is set.</summary>
public sealed class BusFaults
{
    /// <summary>Takes channels back when <see cref="VmBusHost.Steps"/> reaches this; 0 never.</summary>
    public int RescindAtStep { get; set; }

    /// <summary>Which channels <see cref="RescindAtStep"/> takes; null takes all.</summary>
    public Guid? RescindClass { get; set; }
}
