using System.Collections.Concurrent;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus;

/// <summary>What a guest agreed on with the host, and what lives until it contacts anew or unloads.</summary>
internal sealed class HostConnection
{
    public required VmBusVersion Version { get; init; }

    public FeatureFlags Features { get; init; }

    public VpIndex TargetVp { get; init; }

    public Sint TargetSint { get; init; } = Sint.VmBus;

    public Guid ClientId { get; init; }

    public ulong InterruptPageAddress { get; init; }

    public SharedPages? Interrupts { get; init; }

    public (ulong ParentToChild, ulong ChildToParent) MonitorAddresses { get; set; }

    public SharedPages? Monitors { get; set; }

    public bool AreOffersRequested { get; set; }

    public bool IsPaused { get; set; }

    public Dictionary<uint, HostChannel> Channels { get; } = [];

    /// <summary>Providers look buffers up from their channels' workers.</summary>
    public ConcurrentDictionary<uint, HostGpadl> Gpadls { get; } = [];

    public Dictionary<uint, GpadlBuilder> Building { get; } = [];

    /// <summary>True when all of these were granted.</summary>
    public bool Has(FeatureFlags features) => (Features & features) == features;

    /// <summary>Takes a bit of the half that the guest sets.</summary>
    public bool TakeInterruptBit(uint relId) => Interrupts is not null && Take(Interrupts, InterruptPage.GuestToHost + WordOf(relId), BitOf(relId));

    /// <summary>Takes a pending bit of the monitor page.</summary>
    public bool TakeMonitorBit(MonitorId id) => Monitors is not null && Take(Monitors, MonitorPage.PendingOf(id), id.Bit);

    public void SetInterruptBit(uint relId)
    {
        if (Interrupts is not null)
            Interlocked.Or(ref Interrupts.Word(InterruptPage.HostToGuest + WordOf(relId)), BitOf(relId));
    }

    private static int WordOf(uint relId) => (int)(relId / 32) * 4;

    private static uint BitOf(uint relId) => 1u << (int)(relId % 32);

    private static bool Take(SharedPages page, int offset, uint bit) => (Interlocked.And(ref page.Word(offset), ~bit) & bit) != 0;
}
