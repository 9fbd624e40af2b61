using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// A channel: two rings and their signals. It can be opened and closed any number of times, until the host takes it back. All members are
/// thread-safe; sending and receiving allocate nothing.
/// </summary>
public sealed class VmBusChannel
{
    internal VmBusChannel(VmBusDevice device, ChannelIdentity identity)
    {
        Device = device;
        Identity = identity;
    }

    /// <summary>The device that it belongs to.</summary>
    public VmBusDevice Device { get; }

    /// <summary>What names it.</summary>
    public ChannelIdentity Identity { get; }

    /// <summary>The id of its present offer.</summary>
    public RelId RelId => throw new NotSupportedException();

    /// <summary>The primary channel; itself for a primary.</summary>
    public VmBusChannel Primary => throw new NotSupportedException();

    /// <summary>Where it stands.</summary>
    public ChannelStatus Status => throw new NotSupportedException();

    /// <summary>Cancelled when the host takes it back. Callbacks run on a thread of the executor.</summary>
    public CancellationToken Rescinded => throw new NotSupportedException();

    /// <summary>Why it does not work any more although it is open; null while all is well.</summary>
    public string? BrokenBecause => throw new NotSupportedException();

    /// <summary>Processor that gets its interrupts.</summary>
    public int Processor => throw new NotSupportedException();

    /// <summary>What it counted.</summary>
    public ChannelCounters Counters => throw new NotSupportedException();

    /// <summary>Of a primary channel: its subchannels, in the order of their offers.</summary>
    public IReadOnlyList<VmBusChannel> Subchannels => throw new NotSupportedException();

    /// <summary>Of a primary channel: how many subchannels the device protocol has asked for. More are not taken (rule V6). 0 at first.</summary>
    public int MostSubchannels { get; set; }

    /// <summary>Of a primary channel: called for each subchannel that is offered, in order, on a thread of the executor; must not block.</summary>
    public Action<VmBusChannel>? SubchannelOffered { get; set; }

    /// <summary>Allocates the rings, shares them with the host, and opens.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up; what the host has is taken back in the background.</param>
    /// <exception cref="VmBusException">Refused, rescinded, timed out, cancelled, disconnected, or it is not closed.</exception>
    public ValueTask OpenAsync(ChannelOpenOptions options, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>
    /// Closes: subchannels first; fails what is outstanding; takes the rings back from the host. When it returns, no handler runs and none
    /// will. Returns at once when it is closed. Ring memory that the host does not let go of in time is leaked and counted; until then
    /// the channel cannot be opened. Never throws. Must not be awaited in a handler.
    /// </summary>
    public ValueTask CloseAsync() => throw new NotSupportedException();

    /// <summary>Shares a buffer with the host.</summary>
    /// <param name="buffer">Whole pages, at most 8,190.</param>
    /// <param name="cancellationToken">Gives up; the memory then counts as leaked unless the host lets go of it.</param>
    /// <exception cref="VmBusException">Refused, rescinded, timed out, cancelled or disconnected.</exception>
    public ValueTask<Gpadl> CreateGpadlAsync(DmaBuffer buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Shares pages that need not be neighbours.</summary>
    /// <param name="frames">Page frame numbers, at most 8,190.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="VmBusException">Refused, rescinded, timed out, cancelled or disconnected.</exception>
    public ValueTask<Gpadl> CreateGpadlAsync(ReadOnlyMemory<ulong> frames, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Moves the channel's interrupts to another processor. The old one may get some for a while.</summary>
    /// <param name="processor">The kernel's number.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when the host is older than 4.1 and cannot.</returns>
    /// <exception cref="VmBusException">Refused, rescinded, timed out, cancelled, disconnected, or not open.</exception>
    public ValueTask<bool> MoveToAsync(int processor, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Sends data in-band, in two parts, that wants no completion.</summary>
    public SendResult TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => throw new NotSupportedException();

    /// <summary>Sends data in-band under a transaction id of the protocol's own, without asking for a completion.</summary>
    public SendResult TrySendUnder(ulong transactionId, ReadOnlySpan<byte> payload) => throw new NotSupportedException();

    /// <summary>Answers a packet that wants a completion.</summary>
    public SendResult TryComplete(ulong transactionId, ReadOnlySpan<byte> payload) => throw new NotSupportedException();

    /// <summary>Sends data in-band that the host shall complete.</summary>
    public SendResult TrySendRequest(ChannelRequest request, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => throw new NotSupportedException();

    /// <summary>Sends data with pieces of memory, each inside of a page, that the host shall complete.</summary>
    public SendResult TrySendRequest(ChannelRequest request, ReadOnlySpan<PageBuffer> pages, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) =>
        throw new NotSupportedException();

    /// <summary>Sends data with one range over many pages that the host shall complete.</summary>
    public SendResult TrySendRequest(
        ChannelRequest request, GpaRange range, ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) =>
        throw new NotSupportedException();

    /// <summary>
    /// Gives up on a request. Its slot stays reserved until the completion comes or the channel ends; then <see cref="ChannelRequest.OnReleased"/>.
    /// </summary>
    /// <returns>False when it was not outstanding any more: <see cref="ChannelRequest.OnCompleted"/> has come, or comes.</returns>
    public bool TryAbandon(ChannelRequest request) => throw new NotSupportedException();

    /// <summary>Sends data in-band, waiting for room in the ring; those who wait are served in order.</summary>
    /// <returns><see cref="SendResult.Sent"/>, <see cref="SendResult.TooLarge"/> or <see cref="SendResult.Closed"/>.</returns>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Sends a request in-band, waits for its completion, and copies that out: for negotiations.</summary>
    /// <param name="payload">What is sent.</param>
    /// <param name="answer">Receives the completion's payload, as much as fits.</param>
    /// <param name="timeout">How long the host may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Bytes of the completion's payload, which may be more than fitted.</returns>
    /// <exception cref="VmBusException">Timed out, cancelled, rescinded, or the channel is not open.</exception>
    public ValueTask<int> RequestAsync(
        ReadOnlyMemory<byte> payload, Memory<byte> answer, TimeSpan timeout, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Handles no packets from now on (a call that runs ends first); they wait in the ring, and the host with them.</summary>
    public void PauseReceiving() => throw new NotSupportedException();

    /// <summary>Handles packets again.</summary>
    public void ResumeReceiving() => throw new NotSupportedException();
}
