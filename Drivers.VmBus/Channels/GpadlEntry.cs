using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>Shared memory in the connection's table, by its handle. The pump's.</summary>
internal sealed class GpadlEntry
{
    private readonly ConnectionLoop _loop;
    private volatile GpadlState _state = new GpadlState.Gone();

    public GpadlEntry(ConnectionLoop loop, VmBusChannel channel, GpadlId id, long length)
    {
        _loop = loop;
        Channel = channel;
        Id = id;
        Length = length;
    }

    public VmBusChannel Channel { get; }

    public GpadlId Id { get; }

    public long Length { get; }

    public GpadlState State
    {
        get => _state;
        set
        {
            _loop.OnStateChanging(_state, value);
            _state = value;
        }
    }

    /// <summary>Its bytes are among those that leaked.</summary>
    public bool IsLeakCounted { get; set; }

    /// <summary>Told once whether the host took it: null when it did, otherwise why not.</summary>
    public Action<VmBusException?>? Created { get; set; }

    /// <summary>Told once what becomes of the memory, after a teardown or a rescind.</summary>
    public Action<GpadlEnd>? Ended { get; set; }

    /// <summary>Told when memory that was given up as leaked is free after all.</summary>
    public Action? Reclaimed { get; set; }
}
