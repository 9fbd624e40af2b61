namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>A synthetic interrupt source of a virtual processor.</summary>
/// <param name="Value">0 to 15.</param>
public readonly record struct Sint(byte Value)
{
    /// <summary>Sources of a SynIC.</summary>
    public const int Count = 16;

    /// <summary>VMBus messages and events.</summary>
    public static Sint VmBus => new(2);

    /// <summary>Synthetic timers in message mode; the guest's own choice.</summary>
    public static Sint Timer => new(4);
}
