namespace GuestOS.Boot.Smoke.Link;

/// <summary>What a burst consists of.</summary>
/// <param name="FromGuest">Frames that the guest sends.</param>
/// <param name="ToGuest">Frames that this end sends.</param>
internal sealed record LinkBurstPlan(uint FromGuest, uint ToGuest)
{
    /// <summary>Frames that may be on their way in each direction; above zero. Half of the guest's receive ring unless said otherwise.</summary>
    public ushort Window { get; init; } = 64;

    /// <summary>Bytes of every frame, whose content then is not looked at; 0 for sizes and contents by the seed.</summary>
    public ushort Size { get; init; }
}
