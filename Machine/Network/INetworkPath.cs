using GuestOS.Machine.Block;

namespace GuestOS.Machine.Network;

/// <summary>
/// A network device that may be one of several with the same hardware address: the kernel uses one of them at a time, and changes over while
/// it is in use. A device that fails a frame with <see cref="NetworkErrorKind.Gone"/> has not sent it and will not: it may go by another.
/// </summary>
public interface INetworkPath : INetworkDevice
{
    /// <summary>How good a way it is.</summary>
    PathRank Rank { get; }
}
