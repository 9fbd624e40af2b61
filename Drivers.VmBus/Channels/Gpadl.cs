using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// A list of guest pages that the host may use, under a handle. The memory belongs to whoever made it, who must keep it until
/// <see cref="TeardownAsync"/> says that it is free.
/// </summary>
public sealed class Gpadl
{
    internal Gpadl(VmBusChannel channel, GpadlId id, long length)
    {
        Channel = channel;
        Id = id;
        Length = length;
    }

    /// <summary>The channel that it belongs to.</summary>
    public VmBusChannel Channel { get; }

    /// <summary>The handle that device protocols name it by.</summary>
    public GpadlId Id { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>
    /// Takes the memory back. The device protocol must have stopped using it. Returns at once when the channel was rescinded.
    /// Further calls give the same result.
    /// </summary>
    public ValueTask<GpadlEnd> TeardownAsync() => throw new NotSupportedException();
}
