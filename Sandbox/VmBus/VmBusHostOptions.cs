using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Sandbox.VmBus;

/// <summary>What a VMBus host is like. By default a current one that answers everything.</summary>
public sealed record VmBusHostOptions
{
    /// <summary>Highest version that is accepted. Below 5.0 the host has no contact connection: posting on it fails with 0x12.</summary>
    public VmBusVersion HighestVersion { get; init; } = VmBusVersion.V6_0;

    /// <summary>Lowest version that is accepted.</summary>
    public VmBusVersion LowestVersion { get; init; } = VmBusVersion.V0_13;

    /// <summary>Features that are granted from 6.0 on when the guest asks for them.</summary>
    public FeatureFlags Features { get; init; } =
        FeatureFlags.GuestSignalParameters | FeatureFlags.InterruptRedirection | FeatureFlags.ModifyConnection | FeatureFlags.ClientId | FeatureFlags.PauseResume;

    /// <summary>From 5.0 on: where the guest's messages go after contact.</summary>
    public ConnectionId MessageConnection { get; init; } = new(0x1F);

    /// <summary>Addresses of the host's own monitor pages, parent to child and child to parent; with them <see cref="FeatureFlags.ServerMonitorPages"/> is granted.</summary>
    public (ulong ParentToChild, ulong ChildToParent)? ServerMonitorPages { get; init; }

    /// <summary>Bytes of VERSION_RESPONSE below 6.0: 16, or 10 as QEMU fills.</summary>
    public int VersionResponseLength { get; init; } = 16;

    /// <summary>Messages are posted with their size rounded up to a multiple of 8 (QEMU).</summary>
    public bool RoundsMessagesUp { get; init; }

    /// <summary>A bad GPADL gets no answer (QEMU) instead of a failure status.</summary>
    public bool IsSilentOnBadGpadl { get; init; }

    /// <summary>RELID_RELEASED is not known (QEMU): the relid is free from the rescind on.</summary>
    public bool IgnoresRelIdReleased { get; init; }

    /// <summary>GPADL_TEARDOWN of a rescinded channel is answered (OpenVMM); otherwise it is not.</summary>
    public bool AnswersTeardownAfterRescind { get; init; } = true;

    /// <summary>Channels have dedicated interrupts; null: from 2.4 on.</summary>
    public bool? HasDedicatedInterrupts { get; init; }

    /// <summary>Below 2.4 event flag 0 of processor 0 says that the interrupt page has something; without it the channel's processor is interrupted and no flag set (QEMU).</summary>
    public bool FlagsInterruptPage { get; init; } = true;

    /// <summary>Connection for a channel's signals; null: relid | SINT &lt;&lt; 12 (OpenVMM).</summary>
    public Func<RelId, ConnectionId>? ConnectionOf { get; init; }

    /// <summary>Status of failed requests: OpenVMM's 0x8000FFFF, QEMU's 1.</summary>
    public uint FailureStatus { get; init; } = 0x8000_FFFF;

    /// <summary>Bytes of all GPADLs together (Server 2019: about 1280 MB).</summary>
    public long MostGpadlBytes { get; init; } = 1280L << 20;

    /// <summary>GPADLs at a time, those included whose bodies are still coming.</summary>
    public int MostGpadls { get; init; } = 16_384;

    /// <summary>Messages from the guest that wait; posting one more fails with "insufficient buffers" (0x13).</summary>
    public int MostWaitingMessages { get; init; } = 64;

    /// <summary>From a message's turn until it is handled.</summary>
    public TimeSpan MessageLatency { get; init; }

    /// <summary>From a signal until the channel's worker looks at its ring.</summary>
    public TimeSpan ChannelLatency { get; init; }

    /// <summary>From MODIFYCHANNEL until interrupts go to the new processor.</summary>
    public TimeSpan ModifyLatency { get; init; }

    /// <summary>From UNLOAD to its answer.</summary>
    public TimeSpan UnloadLatency { get; init; }

    /// <summary>Until a message for which the guest's queue had no room is tried again.</summary>
    public TimeSpan PostRetry { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// A channel's worker does one shared-memory step at a time (mask, read one packet, unmask, look again; write and publish, look at the
    /// mask and signal), so that a seeded clock interleaves the guest between any two. Without it a worker drains its ring in one go.
    /// </summary>
    public bool StepsSingly { get; init; } = true;

    /// <summary>QEMU's hw/hyperv/vmbus.c as of 7.2 to 10.0.</summary>
    public static VmBusHostOptions Qemu { get; } = new()
    {
        HighestVersion = VmBusVersion.V4_0,
        VersionResponseLength = 10,
        RoundsMessagesUp = true,
        IsSilentOnBadGpadl = true,
        IgnoresRelIdReleased = true,
        HasDedicatedInterrupts = true,
        FlagsInterruptPage = false,
        ConnectionOf = static relId => new ConnectionId(16 + relId.Value),
        FailureStatus = 1,
    };
}
