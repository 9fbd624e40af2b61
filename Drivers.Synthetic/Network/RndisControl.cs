using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// RNDIS control messages of one opening of an adapter: requests with their answers, bounded in number and time, and answers to the host.
/// LOCKING: <c>_gate</c> guards the pages' states; it is a leaf but for the channel's own lock.
/// </summary>
internal sealed class RndisControl
{
    private const int PageSize = 4096;
    private const int RequestPages = 4;
    private const int IdOffset = 8;

    private readonly Lock _gate = new();
    private readonly VmBusChannel _channel;
    private readonly TimeProvider _clock;
    private readonly TaskCreationOptions _waiterOptions;
    private readonly DmaBuffer _memory;
    private readonly ControlRequest[] _requests;
    private readonly ControlRequest _keepAlive;
    private uint _nextId;
    private string? _endedBecause;

    public RndisControl(VmBusChannel channel, DmaBuffer memory, TimeProvider clock, bool continueInline)
    {
        _channel = channel;
        _clock = clock;
        _waiterOptions = continueInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;
        _memory = memory;
        _requests = new ControlRequest[RequestPages];
        for (var i = 0; i < RequestPages; i++)
            _requests[i] = new ControlRequest(this, i);
        _keepAlive = new ControlRequest(this, RequestPages);
    }

    /// <summary>The pages, that of the answer to a keep-alive last.</summary>
    public IEnumerable<ControlRequest> Pages => [.. _requests, _keepAlive];

    /// <summary>Bytes of memory that it needs.</summary>
    public static int MemorySize => (RequestPages + 1) * PageSize;

    /// <summary>Sends a message and waits for its answer.</summary>
    /// <param name="message">The message; its id is filled in.</param>
    /// <param name="answerType">What kind of message answers it.</param>
    /// <param name="what">The message, for people.</param>
    /// <param name="limit">How long the host may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The channel ended, or the host refused.</exception>
    /// <exception cref="TimeoutException">No answer came.</exception>
    public async ValueTask<byte[]> AskAsync(byte[] message, RndisMessageType answerType, string what, TimeSpan limit, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<byte[]>(_waiterOptions);
        var request = Take(message, answerType, waiter, what);
        try
        {
            Send(request);
            return await waiter.Task.WaitAsync(limit, _clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The host did not answer {what}.");
        }
        finally
        {
            lock (_gate)
            {
                request.Waiter = null;
                request.Move(request.State == PageState.WithHost ? PageState.Abandoned : PageState.Free);
            }
        }
    }

    /// <summary>Asks for an OID's value.</summary>
    /// <returns>The value; null when the host does not give it.</returns>
    public async ValueTask<byte[]?> QueryAsync(Oid oid, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(
            Request(RndisMessageType.Query, oid, input.Span), RndisMessageType.QueryComplete, $"the query of {oid}", NetvscTimeouts.Answer, cancellationToken).ConfigureAwait(false);
        return RndisAnswers.TryReadComplete(answer, out var complete) && complete.Status == RndisStatus.Success
            && RndisAnswers.TryReadValue(answer, out var value) ? value.ToArray() : null;
    }

    /// <summary>Sets an OID's value.</summary>
    /// <returns>What the host says of it.</returns>
    public async ValueTask<RndisStatus> SetAsync(Oid oid, ReadOnlyMemory<byte> value, TimeSpan limit, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(
            Request(RndisMessageType.Set, oid, value.Span), RndisMessageType.SetComplete, $"the setting of {oid}", limit, cancellationToken).ConfigureAwait(false);
        return RndisAnswers.TryReadComplete(answer, out var complete) ? complete.Status : RndisStatus.InvalidLength;
    }

    /// <summary>Says good-bye; has no answer.</summary>
    public void SendHalt()
    {
        var message = new byte[RndisRequest.Size];
        MemoryMarshal.Write(message, new RndisHeader { Type = RndisMessageType.Halt, Length = RndisRequest.Size });
        try
        {
            Send(Take(message, RndisMessageType.None, null, "HALT"));
        }
        catch (IOException)
        {
            // Without a page for it, the end of the channel says the same.
        }
    }

    /// <summary>The host asks whether somebody is there. While the answer to the last one is on its way, that one must do.</summary>
    public void OnKeepAlive(uint id)
    {
        lock (_gate)
        {
            if (_keepAlive.State != PageState.Free || _endedBecause is not null)
                return;
            _keepAlive.Move(PageState.Unsent);
            _keepAlive.Length = RndisComplete.Size;
            MemoryMarshal.Write(Page(_keepAlive), new RndisComplete
            {
                Header = new RndisHeader { Type = RndisMessageType.KeepAliveComplete, Length = RndisComplete.Size },
                RequestId = id,
            });
        }

        Send(_keepAlive);
    }

    /// <summary>An answer of the host's. False when nobody waits for it (rule N9).</summary>
    public bool OnAnswer(RndisMessageType type, ReadOnlySpan<byte> message)
    {
        if (message.Length < RndisRequest.Size)
            return false;
        var id = MemoryMarshal.Read<RndisRequest>(message).RequestId;
        TaskCompletionSource<byte[]>? waiter = null;
        lock (_gate)
        {
            foreach (var request in _requests)
            {
                if (request.Waiter is null || request.Id != id || request.AnswerType != type)
                    continue;
                waiter = request.Waiter;
                request.Waiter = null;
            }
        }

        return waiter is not null && waiter.TrySetResult(message.ToArray());
    }

    /// <summary>There is room in the ring again.</summary>
    public void Retry()
    {
        foreach (var request in _requests)
            Send(request);
    }

    /// <summary>The channel has ended: nobody waits any more.</summary>
    public void End(string reason)
    {
        var failure = new IOException(reason);
        var waiters = new List<TaskCompletionSource<byte[]>>();
        lock (_gate)
        {
            _endedBecause ??= reason;
            foreach (var request in _requests)
            {
                if (request.Waiter is { } waiter)
                    waiters.Add(waiter);
            }
        }

        foreach (var waiter in waiters)
            waiter.TrySetException(failure);
    }

    /// <summary>Frees the pages, unless the host may still have one. After <see cref="End"/>.</summary>
    public void Free()
    {
        lock (_gate)
        {
            foreach (var page in Pages)
            {
                if (page.State is PageState.WithHost or PageState.Abandoned)
                    return;
            }
        }

        _memory.Dispose();
    }

    /// <summary>The host has let go of a page, or the channel has ended.</summary>
    public void OnCompleted(ControlRequest request, RequestStatus status, bool isTaken)
    {
        TaskCompletionSource<byte[]>? waiter;
        lock (_gate)
        {
            // Then the page stays the host's.
            if (status == RequestStatus.Lost)
                return;
            waiter = request.Waiter;
            request.Move(request.State == PageState.WithHost ? PageState.LetGo : PageState.Free);
        }

        if (status != RequestStatus.Completed || !isTaken)
            waiter?.TrySetException(new IOException(status == RequestStatus.Completed ? "The host refused a control message." : $"The channel ended ({status})."));
    }

    private static byte[] Request(RndisMessageType type, Oid oid, ReadOnlySpan<byte> value)
    {
        var message = new byte[RndisQuery.Size + value.Length];
        MemoryMarshal.Write(message, new RndisQuery
        {
            Header = new RndisHeader { Type = type, Length = (uint)message.Length },
            Oid = oid,
            InfoLength = (uint)value.Length,
            InfoOffset = RndisQuery.Size - RndisHeader.Size,
        });
        value.CopyTo(message.AsSpan(RndisQuery.Size));
        return message;
    }

    private ControlRequest Take(byte[] message, RndisMessageType answerType, TaskCompletionSource<byte[]>? waiter, string what)
    {
        lock (_gate)
        {
            if (_endedBecause is not null)
                throw new IOException(_endedBecause);
            var request = Array.Find(_requests, static one => one.State == PageState.Free) ?? throw new IOException($"Too many control messages are without an answer: {what} is not sent.");
            request.Move(PageState.Unsent);
            request.Waiter = waiter;
            request.AnswerType = answerType;
            request.Id = ++_nextId;
            request.Length = message.Length;
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(IdOffset), request.Id);
            message.CopyTo(Page(request));
            return request;
        }
    }

    private Span<byte> Page(ControlRequest request) => _memory.GetSpan().Slice(request.Number * PageSize, PageSize);

    /// <summary>Sends what is unsent. Without room it stays so until there is, if somebody waits for an answer.</summary>
    private void Send(ControlRequest request)
    {
        Span<byte> envelope = stackalloc byte[NvspConstants.MessageSize];
        envelope.Clear();
        MemoryMarshal.Write(envelope, new NvspRndisPacket
        {
            Type = NvspMessageType.RndisPacket, Channel = NvspChannelType.Control, SectionIndex = NvspConstants.NoSection,
        });
        var page = new PageBuffer((_memory.PhysicalAddress.Value / PageSize) + (ulong)request.Number, 0, request.Length);
        SendResult result;
        TaskCompletionSource<byte[]>? waiter;
        lock (_gate)
        {
            if (request.State != PageState.Unsent)
                return;
            waiter = request.Waiter;
            result = _endedBecause is null ? _channel.TrySendRequest(request, [page], envelope) : SendResult.Closed;
            if (result == SendResult.Sent)
                request.Move(request.HasIssuer ? PageState.WithHost : PageState.Abandoned);
            else if (!request.HasIssuer)
                request.Move(PageState.Free);
        }

        if (result is not (SendResult.Sent or SendResult.RingFull or SendResult.NoSlot))
            waiter?.TrySetException(new IOException($"A control message was not sent: {result}."));
    }
}
