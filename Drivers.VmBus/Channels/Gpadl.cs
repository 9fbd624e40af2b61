using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// A list of guest pages that the host may use, under a handle. The memory belongs to whoever made it, who must keep it until
/// <see cref="TeardownAsync"/> says that it is free.
/// </summary>
public sealed class Gpadl
{
    private readonly ConnectionLoop _loop;
    private readonly GpadlEntry _entry;
    private readonly Promise _end;
    private GpadlEnd _result = GpadlEnd.Free;

    internal Gpadl(ConnectionLoop loop, GpadlEntry entry, Promise end)
    {
        _loop = loop;
        _entry = entry;
        _end = end;
        entry.Ended = result =>
        {
            _result = result;
            _end.Succeed();
        };
    }

    /// <summary>The handle that device protocols name it by.</summary>
    public GpadlId Id => _entry.Id;

    /// <summary>Bytes.</summary>
    public long Length => _entry.Length;

    /// <summary>
    /// Takes the memory back. The device protocol must have stopped using it. Returns at once when the channel was rescinded.
    /// Further calls give the same result.
    /// </summary>
    public async ValueTask<GpadlEnd> TeardownAsync()
    {
        _loop.Pump.Post(() => _loop.TearDown(_entry));
        await _end.Task.ConfigureAwait(false);
        return _result;
    }
}
