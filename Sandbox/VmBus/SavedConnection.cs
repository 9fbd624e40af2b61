using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Sandbox.VmBus;

/// <summary>A guest's connection as plain data, to go on with in another host: what is in guest memory (rings, pages) is not part of it.</summary>
public sealed record SavedConnection
{
    /// <summary>Version.</summary>
    public required VmBusVersion Version { get; init; }

    /// <summary>Features.</summary>
    public required FeatureFlags Features { get; init; }

    /// <summary>Processor of messages.</summary>
    public required VpIndex TargetVp { get; init; }

    /// <summary>Source of messages.</summary>
    public required Sint TargetSint { get; init; }

    /// <summary>Client id.</summary>
    public required Guid ClientId { get; init; }

    /// <summary>Address of the interrupt page; 0 when there is none.</summary>
    public required ulong InterruptPage { get; init; }

    /// <summary>Addresses of the monitor pages; 0 when there are none.</summary>
    public required (ulong ParentToChild, ulong ChildToParent) MonitorPages { get; init; }

    /// <summary>REQUESTOFFERS came.</summary>
    public required bool AreOffersRequested { get; init; }

    /// <summary>PAUSE came.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>Channels that the guest knows.</summary>
    public required IReadOnlyList<SavedChannel> Channels { get; init; }

    /// <summary>Shared memory.</summary>
    public required IReadOnlyList<SavedGpadl> Gpadls { get; init; }

    /// <summary>Messages that wait for room in the guest's queue, or for RESUME.</summary>
    public required IReadOnlyList<(byte[] Message, VpIndex Vp, Sint Sint)> Messages { get; init; }
}
