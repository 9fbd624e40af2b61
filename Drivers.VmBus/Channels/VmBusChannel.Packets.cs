using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>Packets.</summary>
public sealed partial class VmBusChannel
{
    /// <summary>Sends data in-band, in two parts, that wants no completion.</summary>
    public SendResult TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => TrySendUnder(0, head, body);

    /// <summary>Sends data in-band under a transaction id of the protocol's own, without asking for a completion.</summary>
    public SendResult TrySendUnder(ulong transactionId, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) =>
        _port?.TrySend(transactionId, head, body) ?? SendResult.Closed;

    /// <summary>Answers a packet that wants a completion.</summary>
    public SendResult TryComplete(ulong transactionId, ReadOnlySpan<byte> payload) => _port?.TryComplete(transactionId, payload) ?? SendResult.Closed;

    /// <summary>Sends data in-band that the host shall complete.</summary>
    /// <exception cref="InvalidOperationException">The request is outstanding already.</exception>
    public SendResult TrySendRequest(ChannelRequest request, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _port?.TrySend(request, head, body) ?? SendResult.Closed;
    }

    /// <summary>Sends data with pieces of memory, each inside of a page, that the host shall complete ("page buffer" form of GPA direct).</summary>
    /// <exception cref="InvalidOperationException">The request is outstanding already.</exception>
    /// <exception cref="ArgumentException">There are no pages.</exception>
    public SendResult TrySendRequest(ChannelRequest request, ReadOnlySpan<PageBuffer> pages, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _port?.TrySend(request, pages, head, body) ?? SendResult.Closed;
    }

    /// <summary>Sends data with one range over many pages that the host shall complete ("multi-page buffer" form of GPA direct).</summary>
    /// <exception cref="InvalidOperationException">The request is outstanding already.</exception>
    /// <exception cref="ArgumentException">There are not as many frames as the range has pages.</exception>
    public SendResult TrySendRequest(
        ChannelRequest request, GpaRange range, ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _port?.TrySend(request, range, frames, head, body) ?? SendResult.Closed;
    }

    /// <summary>
    /// Gives up on a request. Its slot stays reserved until the completion comes or the channel ends; then <see cref="ChannelRequest.OnReleased"/>.
    /// </summary>
    /// <returns>False when it was not outstanding any more: <see cref="ChannelRequest.OnCompleted"/> has come, or comes.</returns>
    public bool TryAbandon(ChannelRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _port?.TryAbandon(request) ?? false;
    }

    /// <summary>Sends data in-band, waiting for room in the ring; those who wait are served in order. Awaited at once, as every ValueTask.</summary>
    /// <returns><see cref="SendResult.Sent"/>, <see cref="SendResult.TooLarge"/> or <see cref="SendResult.Closed"/>.</returns>
    /// <exception cref="VmBusException">Cancelled while it waited.</exception>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
        _port?.SendAsync(payload, null, cancellationToken) ?? new ValueTask<SendResult>(SendResult.Closed);

    /// <summary>Sends a request in-band, waits for its completion, and copies that out: for negotiations.</summary>
    /// <param name="payload">What is sent.</param>
    /// <param name="answer">Receives the completion's payload, as much as fits.</param>
    /// <param name="timeout">How long the host may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Bytes of the completion's payload, which may be more than fitted.</returns>
    /// <exception cref="VmBusException">Timed out, cancelled, rescinded, or the channel is not open.</exception>
    public async ValueTask<int> RequestAsync(
        ReadOnlyMemory<byte> payload, Memory<byte> answer, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (_port is not { } port)
            throw new VmBusException(VmBusErrorKind.Broken, $"{this} is not open");
        var request = new AwaitedRequest(_loop.Executor, answer);
        using var limit = new CancellationTokenSource(timeout, _loop.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var sent = await SendBoundedAsync(port, request, payload, both.Token, cancellationToken).ConfigureAwait(false);
        if (sent != SendResult.Sent)
            throw new VmBusException(VmBusErrorKind.Broken, $"the request was not sent on {this}: {sent}");
        using var registration = both.Token.UnsafeRegister(
            _ =>
            {
                if (port.TryAbandon(request))
                    request.Fail(GaveUp(cancellationToken), $"{this} did not complete a request in time");
            },
            null);
        return await request.Task.ConfigureAwait(false);
    }

    /// <summary>Handles no packets from now on (a call that runs ends first); they wait in the ring, and the host with them.</summary>
    public void PauseReceiving() => _port?.Pause();

    /// <summary>Handles packets again.</summary>
    public void ResumeReceiving() => _port?.Resume();

    private static VmBusErrorKind GaveUp(CancellationToken callers) =>
        callers.IsCancellationRequested ? VmBusErrorKind.Cancelled : VmBusErrorKind.TimedOut;

    private async ValueTask<SendResult> SendBoundedAsync(
        ChannelPort port, AwaitedRequest request, ReadOnlyMemory<byte> payload, CancellationToken limit, CancellationToken callers)
    {
        try
        {
            return await port.SendAsync(payload, request, limit).ConfigureAwait(false);
        }
        catch (VmBusException e) when (e.Kind == VmBusErrorKind.Cancelled)
        {
            throw new VmBusException(GaveUp(callers), $"a request found no room on {this} in time");
        }
    }
}
