using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>How a connection behaves.</summary>
public sealed record VmBusOptions
{
    /// <summary>The version that is asked for first; older ones follow.</summary>
    public VmBusVersion HighestVersion { get; init; } = VmBusVersion.V6_0;

    /// <summary>The version that is asked for last.</summary>
    public VmBusVersion LowestVersion { get; init; } = VmBusVersion.V0_13;

    /// <summary>Names this guest to hosts from 6.0 on; empty for none.</summary>
    public Guid ClientId { get; init; }

    /// <summary>How long one answer of the host may take: contact, open, GPADL, teardown, modify.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the host may take to deliver its offers; the connection then goes on with those that came.</summary>
    public TimeSpan OffersTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the host may take to answer UNLOAD (Linux has seen 50 s).</summary>
    public TimeSpan UnloadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a message may find the host out of buffers before the connection counts as lost.</summary>
    public TimeSpan PostTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Channels that are kept at most, subchannels included (rule V8).</summary>
    public int MostChannels { get; init; } = (int)RelId.Highest;

    /// <summary>Told on the pump of each change of a state, of the connection, of a channel or of shared memory: what it was, what it becomes.</summary>
    internal Action<object, object>? StateChanging { get; init; }
}
