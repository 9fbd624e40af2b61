using GuestOS.Drivers.VmBus.Connections;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>The state of shared memory; the pump changes it.</summary>
internal abstract record GpadlState
{
    /// <summary>Waits for GPADL_CREATED.</summary>
    public sealed record Creating(Deadline Deadline) : GpadlState;

    /// <summary>Nobody waits for GPADL_CREATED any more, but the host may have the memory: it is taken back when the answer comes after all.</summary>
    public sealed record Abandoned : GpadlState;

    public sealed record Live : GpadlState;

    /// <summary>Waits for GPADL_TORNDOWN.</summary>
    public sealed record TearingDown(Deadline Deadline) : GpadlState;

    /// <summary>GPADL_TORNDOWN did not come in time.</summary>
    public sealed record Leaked : GpadlState;

    /// <summary>The host has let go, or never had it.</summary>
    public sealed record Gone : GpadlState;
}
