namespace GuestOS.Machine.Memory;

/// <summary>A host's service that takes memory from the machine and gives it more.</summary>
public interface IMemoryBalloon
{
    /// <summary>Short unique name, for example "balloon0".</summary>
    string Name { get; }

    /// <summary>Where it stands.</summary>
    BalloonStatus Status { get; }

    /// <summary>Counts, for people.</summary>
    IReadOnlyList<BalloonCounter> Counters { get; }

    /// <summary>
    /// A request of the host was carried out or refused. Called on a thread of the driver's, one call at a time; the handler must not block.
    /// </summary>
    event Action<BalloonChange>? Changed;
}
