using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus;
using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>
/// The host's side of an integration component: negotiates versions, sends one request at a time and checks the frame of each answer as
/// strictly as real hosts do. A service derives from it and knows bodies only.
/// </summary>
public abstract partial class IntegrationProvider : IChannelProvider
{
    /// <summary>Bytes before the body, the pipe's header included.</summary>
    private protected const int HeaderSize = 28;

    private const int LargestMessage = 13_312;
    private readonly Queue<IntegrationCall> _calls = new();
    private readonly IcMessageType _type;
    private IntegrationCall? _current;
    private IDisposable? _timer;
    private ulong _transaction = FaultTransaction;

    /// <param name="type">Message type of the service.</param>
    /// <param name="classId">Class of its channel.</param>
    /// <param name="instanceId">Instance of its channel.</param>
    /// <param name="versions">Versions of the service that hosts offer.</param>
    /// <param name="options">What the host is like.</param>
    private protected IntegrationProvider(IcMessageType type, Guid classId, Guid instanceId, IReadOnlyList<IcVersion> versions, IntegrationOptions? options)
    {
        _type = type;
        Options = options ?? new IntegrationOptions();
        ServiceVersions = Options.Services ?? versions;
        Offer = new ChannelOffer
        {
            ClassId = classId,
            InstanceId = instanceId,
            Flags = OfferFlags.EnumerateDeviceInterface | OfferFlags.NamedPipe,
            UserDefined = ChannelOffer.MessagePipe,
        };
    }

    /// <summary>What the host is like.</summary>
    public IntegrationOptions Options { get; }

    /// <inheritdoc/>
    public ChannelOffer Offer { get; init; }

    /// <summary>Service versions that are offered.</summary>
    public IReadOnlyList<IcVersion> ServiceVersions { get; }

    /// <summary>State.</summary>
    public IntegrationState State { get; private set; }

    /// <summary>The guest's choice.</summary>
    public IcVersion? Framework { get; private set; }

    /// <summary>The guest's choice.</summary>
    public IcVersion? Service { get; private set; }

    /// <summary>Negotiations that were answered.</summary>
    public int Negotiations { get; private set; }

    /// <summary>Requests that got no answer in time.</summary>
    public int TimedOut { get; private set; }

    /// <summary>Requests that wait or are under way.</summary>
    public int Outstanding => _calls.Count + (_current is null ? 0 : 1);

    private protected ChannelSession? Session { get; private set; }

    /// <inheritdoc/>
    public uint Open(ChannelSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        Session = session;
        session.Post(Negotiate);
        return 0;
    }

    /// <inheritdoc/>
    public void Close(ChannelSession session, CloseReason reason)
    {
        Session = null;
        State = IntegrationState.Closed;
        _timer?.Dispose();
        Stopped();
        (_current, var current) = (null, _current);
        current?.Complete(null, [], default);
        while (_calls.TryDequeue(out var call))
            call.Complete(null, [], default);
    }

    /// <summary>Negotiates once more, as hosts do after a restore.</summary>
    public void Renegotiate() => Session?.Post(Negotiate);

    /// <inheritdoc/>
    public void Receive(ChannelSession session, ChannelPacket packet)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(packet);
        var message = packet.Payload.AsSpan();
        if (packet.TransactionId == FaultTransaction && message.Length >= HeaderSize)
        {
            FaultAnswers.Add((
                (IcMessageType)BinaryPrimitives.ReadUInt16LittleEndian(message[12..]), (IcStatus)BinaryPrimitives.ReadUInt32LittleEndian(message[20..])));
            return;
        }

        if (WhatIsWrong(packet, message) is { } wrong)
        {
            session.Report($"{_type}: {wrong}");
            return;
        }

        var call = _current!;
        var bodySize = BinaryPrimitives.ReadUInt16LittleEndian(message[18..]);
        _current = null;
        _timer?.Dispose();
        call.Complete(
            (IcStatus)BinaryPrimitives.ReadUInt32LittleEndian(message[20..]),
            message.Slice(HeaderSize, bodySize).ToArray(),
            session.Clock.GetElapsedTime(call.Started));
        Next();
    }

    /// <summary>The guest has chosen versions; requests may be sent.</summary>
    private protected virtual void Started()
    {
    }

    /// <summary>The channel is closed, or negotiates anew.</summary>
    private protected virtual void Stopped()
    {
    }

    /// <summary>A request of the service with a plausible body, for the faults.</summary>
    private protected abstract byte[] Sample();

    /// <summary>Sends a request once the ones before it are done.</summary>
    private protected IntegrationCall Request(byte[] body, Action<IntegrationCall>? then = null)
    {
        var call = new IntegrationCall(_type, body, then);
        if (Session is { } session)
            session.Post(() => Enqueue(call));
        else
            call.Complete(null, [], default);
        return call;
    }

    private void Enqueue(IntegrationCall call)
    {
        _calls.Enqueue(call);
        Next();
    }

    private void Next()
    {
        if (_current is null && State == IntegrationState.Ready && _calls.TryDequeue(out var call))
            Start(call);
    }

    private void Negotiate()
    {
        Stopped();
        State = IntegrationState.Negotiating;
        (_current, var current) = (null, _current);
        current?.Complete(null, [], default);
        var versions = Options.Frameworks.Concat(ServiceVersions).ToList();
        var body = new byte[8 + (4 * versions.Count)];
        BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)Options.Frameworks.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(2), (ushort)ServiceVersions.Count);
        for (var i = 0; i < versions.Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(8 + (4 * i)), versions[i].Major);
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(10 + (4 * i)), versions[i].Minor);
        }

        Start(new IntegrationCall(IcMessageType.Negotiate, body, Negotiated));
    }

    private void Start(IntegrationCall call)
    {
        var session = Session!;
        _current = call;
        call.Started = session.Clock.GetTimestamp();
        session.SendInBand(Encode(call.Type, call.Request, call.Type == IcMessageType.Negotiate), ++_transaction);
        _timer?.Dispose();
        _timer = session.PostAfter(Options.Timeout, () =>
        {
            if (_current != call)
                return;
            _current = null;
            TimedOut++;
            call.Complete(null, [], Options.Timeout);
            Next();
        });
    }

    private byte[] Encode(IcMessageType type, IReadOnlyList<byte> body, bool isNegotiation)
    {
        var message = new byte[HeaderSize + body.Count];
        BinaryPrimitives.WriteUInt32LittleEndian(message, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), (uint)(message.Length - 8));
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(12), (ushort)type);
        if (!isNegotiation)
        {
            Put(message, 8, Framework ?? default);
            Put(message, 14, Service ?? default);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(18), (ushort)body.Count);
        message[25] = (byte)(IcFlags.Transaction | IcFlags.Request);
        for (var i = 0; i < body.Count; i++)
            message[HeaderSize + i] = body[i];
        return message;
    }

    private void Negotiated(IntegrationCall call)
    {
        if (call.Status is null)
            return;
        var answer = call.Answer;
        Negotiations++;
        (Framework, Service) = (null, null);
        if (answer.Length >= 16 && BinaryPrimitives.ReadUInt32LittleEndian(answer) == 0x0001_0001)
            (Framework, Service) = (Read(answer, 8), Read(answer, 12));
        if (call.Status == IcStatus.Success && Framework is { } framework && Service is { } service
            && Options.Frameworks.Contains(framework) && ServiceVersions.Contains(service))
        {
            State = IntegrationState.Ready;
            Started();
            return;
        }

        State = IntegrationState.Failed;
        if (Framework is not null)
            Session?.Report($"{_type}: the guest chose framework {Framework} and service {Service}");
    }

    /// <summary>What OpenVMM's host checks, and that the answer belongs to the request.</summary>
    private string? WhatIsWrong(ChannelPacket packet, ReadOnlySpan<byte> message)
    {
        if (packet.Type != PacketType.InBand || packet.WantsCompletion)
            return $"a {packet.Type} packet{(packet.WantsCompletion ? " that wants a completion" : "")}";
        if (message.Length is < HeaderSize or > LargestMessage)
            return $"an answer of {message.Length} bytes";
        if (BinaryPrimitives.ReadUInt32LittleEndian(message) != 1)
            return "no pipe data";
        var pipe = BinaryPrimitives.ReadUInt32LittleEndian(message[4..]);
        if (pipe > message.Length - 8 || pipe < HeaderSize - 8)
            return $"a pipe size of {pipe} in {message.Length} bytes";
        if (BinaryPrimitives.ReadUInt16LittleEndian(message[18..]) > pipe - (HeaderSize - 8))
            return $"a body size of {BinaryPrimitives.ReadUInt16LittleEndian(message[18..])} with a pipe size of {pipe}";
        if (message[25] != (byte)(IcFlags.Transaction | IcFlags.Response))
            return $"flags {message[25]}";
        if (message[24] != 0)
            return $"IC transaction id {message[24]}";
        if (_current is null)
            return "an answer without a request";
        var type = (IcMessageType)BinaryPrimitives.ReadUInt16LittleEndian(message[12..]);
        if (type != _current.Type || packet.TransactionId != _transaction)
            return $"an answer of type {type} to transaction {packet.TransactionId} instead of {_current.Type} to {_transaction}";
        return null;
    }

    private static IcVersion Read(byte[] body, int offset) =>
        new(BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(offset)), BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(offset + 2)));

    private static void Put(byte[] message, int offset, IcVersion version)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(offset), version.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(offset + 2), version.Minor);
    }
}
