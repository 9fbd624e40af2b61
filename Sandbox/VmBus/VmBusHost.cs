using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.Scheduling;

namespace GuestOS.Sandbox.VmBus;

/// <summary>
/// The host side of VMBus. Everything that changes its state runs on one worker, one thing after another: the guest's messages, offers,
/// rescinds. Each open channel has a worker of its own. On a clock that a test drives, the clock's seed orders all of them.
/// </summary>
public sealed partial class VmBusHost : IDisposable
{
    /// <summary>Errors that are kept; a hostile guest makes any number.</summary>
    private const int MostErrors = 10_000;

    private readonly Worker _worker;
    private readonly List<HostChannel> _channels = [];
    private readonly ConcurrentQueue<string> _guestErrors = new();
    private volatile HostConnection? _connection;
    private int _waitingMessages;

    /// <param name="transport">The way to the guest.</param>
    /// <param name="options">What the host is like.</param>
    public VmBusHost(IVmBusTransport transport, VmBusHostOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        Transport = transport;
        Options = options ?? new VmBusHostOptions();
        Trace = new BusTrace(transport.Clock);
        Faults = new BusFaults();
        _worker = new Worker(transport.Clock, Options.MessageLatency);
        _retry = transport.Clock.CreateTimer(_ => Post(Flush), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Transport.OpenMessagePort(ConnectionId.Message, payload => Take(ConnectionId.Message, payload));
        if (Options.HighestVersion >= VmBusVersion.V5_0)
            Transport.OpenMessagePort(ConnectionId.Contact, payload => Take(ConnectionId.Contact, payload));
    }

    /// <summary>What the host is like.</summary>
    public VmBusHostOptions Options { get; }

    /// <summary>The way to the guest.</summary>
    public IVmBusTransport Transport { get; }

    /// <summary>All that happened.</summary>
    public BusTrace Trace { get; }

    /// <summary>What the host does wrong on purpose.</summary>
    public BusFaults Faults { get; }

    /// <summary>What the guest did against the protocol. Empty with a guest that keeps to it.</summary>
    public IReadOnlyCollection<string> GuestErrors => _guestErrors;

    /// <summary>Version of the connection; null when the guest is not connected.</summary>
    public VmBusVersion? Version => _connection?.Version;

    /// <summary>Features of the connection.</summary>
    public FeatureFlags Features => _connection?.Features ?? FeatureFlags.None;

    /// <summary>Where messages to the guest go.</summary>
    public VpIndex? TargetVp => _connection?.TargetVp;

    /// <summary>Channels that the host has, offered or to be offered.</summary>
    public IReadOnlyList<HostChannel> Channels
    {
        get
        {
            lock (_channels)
                return [.. _channels];
        }
    }

    /// <summary>Buffers that the guest has shared.</summary>
    public int GpadlCount => _connection?.Gpadls.Count ?? 0;

    /// <summary>The buffers that the guest shares now, rings included, by their handles.</summary>
    public IReadOnlyList<HostGpadl> Gpadls => _connection is { } connection ? [.. connection.Gpadls.Values.OrderBy(static gpadl => gpadl.Id.Value)] : [];

    /// <summary>Runs on the host's worker.</summary>
    public void Post(Action action) => _worker.Post(action);

    /// <summary>Takes everything down as if the host process ended: the guest is told nothing.</summary>
    public void Dispose()
    {
        Disconnect(CloseReason.Disposed, withReserved: true);
        Transport.CloseMessagePort(ConnectionId.Message);
        if (Options.HighestVersion >= VmBusVersion.V5_0)
            Transport.CloseMessagePort(ConnectionId.Contact);
        _retry.Dispose();
        lock (_later)
        {
            foreach (var timer in _later)
                timer.Dispose();
            _later.Clear();
        }

        _worker.Dispose();
    }

    internal void GuestError(uint relId, string what)
    {
        if (_guestErrors.Count < MostErrors)
            _guestErrors.Enqueue(relId == 0 ? what : $"channel {relId}: {what}");
        Trace.Add(TraceKind.GuestError, relId, what);
    }

    /// <summary>The channel's interrupt, as the version has it.</summary>
    internal void Interrupt(ChannelSession session)
    {
        var relId = session.Channel.RelId.Value;
        var parameters = session.Parameters;
        if (session.TargetVp == VpIndex.InterruptsOff)
            return;
        Trace.Add(TraceKind.SignalToGuest, relId, $"to VP {session.TargetVp.Value}");
        if (parameters.Version >= VmBusVersion.V2_4)
        {
            if (!Transport.TrySignal(session.TargetVp, parameters.TargetSint, parameters.EventFlag))
                Trace.Add(TraceKind.Note, relId, "the guest has no event page there");
            return;
        }

        _connection?.SetInterruptBit(relId);
        if (Options.FlagsInterruptPage)
            Transport.TrySignal(new VpIndex(0), Sint.VmBus, 0);
        else
            Transport.Interrupt(session.TargetVp, Sint.VmBus);
    }

    /// <summary>Runs on the guest's processor.</summary>
    private CallStatus Take(ConnectionId port, ReadOnlySpan<byte> payload)
    {
        if (Interlocked.Increment(ref _waitingMessages) > Options.MostWaitingMessages)
        {
            Interlocked.Decrement(ref _waitingMessages);
            return CallStatus.InsufficientBuffers;
        }

        var message = payload.ToArray();
        Post(() =>
        {
            Interlocked.Decrement(ref _waitingMessages);
            Handle(port, message);
        });
        return CallStatus.Success;
    }

    private void Handle(ConnectionId port, byte[] message)
    {
        var type = message.Length >= 4 ? (MessageType)MemoryMarshal.Read<uint>(message) : MessageType.Invalid;
        Trace.Add(TraceKind.MessageFromGuest, RelIdOf(type, message), $"{type} on {port}", message);
        if (MessageRule.Find(type) is not { } rule)
        {
            GuestError(0, $"message of type {(uint)type}, which a guest does not send");
            return;
        }

        var connection = _connection;
        if (message.Length < rule.LengthFor(connection?.Version, connection?.Features ?? FeatureFlags.None))
        {
            GuestError(0, $"{type} of {message.Length} bytes");
            return;
        }

        if (rule.NeedsConnection && (connection is null || connection.Version < rule.Since || !connection.Has(rule.Feature)))
        {
            GuestError(0, connection is null ? $"{type} without a connection" : $"{type} at version {connection.Version}");
            return;
        }

        if (connection is not null && type != MessageType.InitiateContact && port != PortOf(connection))
        {
            GuestError(0, $"{type} on connection {port} instead of {PortOf(connection)}");
            return;
        }

        if (port == ConnectionId.Contact && connection is null && type != MessageType.InitiateContact)
        {
            GuestError(0, $"{type} on the connection for contact");
            return;
        }

        CountStep(null, isOnWorker: false);
        rule.Handle(this, message);
    }

    private ConnectionId PortOf(HostConnection connection) => connection.Version >= VmBusVersion.V5_0 ? Options.MessageConnection : ConnectionId.Message;

    private static uint RelIdOf(MessageType type, byte[] message) =>
        message.Length >= 12 && type is MessageType.OpenChannel or MessageType.CloseChannel or MessageType.GpadlHeader or MessageType.GpadlTeardown
            or MessageType.RelIdReleased or MessageType.ModifyChannel or MessageType.OpenReserved or MessageType.CloseReserved
            or MessageType.OfferChannel or MessageType.RescindChannelOffer or MessageType.OpenChannelResult or MessageType.GpadlCreated
            or MessageType.ModifyChannelResponse or MessageType.CloseReservedResponse
            ? MemoryMarshal.Read<uint>(message.AsSpan(type == MessageType.OfferChannel && message.Length >= 188 ? 184 : 8))
            : 0;
}
