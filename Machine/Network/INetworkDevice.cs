using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Machine.Network;

/// <summary>
/// An Ethernet interface. Frames are memory that the device itself reads and writes (<see cref="Frame"/>): nothing is copied but by the
/// device. Any thread may send; one program receives.
/// Failures are values (<see cref="NetworkResult"/>); only a cancelled wait throws (<see cref="OperationCanceledException"/>).
/// Another device that serves the same network may take over while this one is in use: after <see cref="QuiesceAsync"/> every frame
/// that was taken has left, none is lost or doubled, and what was received before can still be taken.
/// </summary>
public interface INetworkDevice
{
    /// <summary>Short unique name, for example "tulip0".</summary>
    string Name { get; }

    /// <summary>What the device is, for people.</summary>
    string Model { get; }

    /// <summary>Its own hardware address.</summary>
    MacAddress Address { get; }

    /// <summary>Most bytes after the header of 14: 1500 for plain Ethernet.</summary>
    int Mtu { get; }

    /// <summary>What it does to frames on the way; by default nothing. A frame that asks for more is not taken.</summary>
    NetworkOffloads Offloads => default;

    /// <summary>The link as last seen.</summary>
    LinkStatus Link { get; }

    /// <summary>The link has changed. Called on a thread of the device's, one call at a time; the handler must not block.</summary>
    event Action<LinkStatus>? LinkChanged;

    /// <summary>The filter in force.</summary>
    ReceiveFilter Filter { get; }

    /// <summary>Counts.</summary>
    NetworkStatistics Statistics { get; }

    /// <summary>The device's own counters, for people.</summary>
    IReadOnlyList<NetworkCounter> Counters { get; }

    /// <summary>Takes an empty frame to send, when one is there.</summary>
    bool TryRent([NotNullWhen(true)] out Frame? frame);

    /// <summary>Takes an empty frame to send, and waits for one when all are on their way.</summary>
    /// <exception cref="ObjectDisposedException">The device is gone.</exception>
    ValueTask<Frame> RentAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends a frame: ends when the device has taken it, which is at once as long as it has room. Frames are sent in the order of the
    /// calls; a device with several queues may keep it only among frames between the same two ends. The frame is the device's from the call on, whatever the result.
    /// </summary>
    /// <param name="frame">
    /// 14 bytes to <see cref="Mtu"/> + 14, more with <see cref="FrameOffload.SegmentSize"/>; a shorter one than 60 is filled up with zeros.
    /// </param>
    /// <param name="cancellationToken">Gives the frame up while it waits for room.</param>
    ValueTask<NetworkResult> SendAsync(Frame frame, CancellationToken cancellationToken = default);

    /// <summary>Sends several frames, telling the device once: ends when it has taken them all. One that is invalid stops it there.</summary>
    /// <param name="frames">The device's from the call on, and the memory until the result is there.</param>
    /// <param name="cancellationToken">Gives those up that wait for room.</param>
    ValueTask<NetworkResult> SendAsync(ReadOnlyMemory<Frame> frames, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes received frames, at least one; waits for it. Whoever takes them releases them, and soon: a device that has no empty frames
    /// left drops what arrives.
    /// </summary>
    /// <param name="destination">Room for at least one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many; 0 when the device is gone.</returns>
    ValueTask<int> ReceiveAsync(Memory<Frame> destination, CancellationToken cancellationToken = default);

    /// <summary>Chooses what is received; in force when it ends.</summary>
    ValueTask<NetworkResult> SetFilterAsync(ReceiveFilter filter, CancellationToken cancellationToken = default);

    /// <summary>
    /// Holds new frames back, waits until all that were taken have left, stops receiving. The link then is another device's to use.
    /// </summary>
    ValueTask<NetworkResult> QuiesceAsync(CancellationToken cancellationToken = default);

    /// <summary>Undoes <see cref="QuiesceAsync"/>: frames that were held back go first, in their order.</summary>
    ValueTask<NetworkResult> ResumeAsync(CancellationToken cancellationToken = default);
}
