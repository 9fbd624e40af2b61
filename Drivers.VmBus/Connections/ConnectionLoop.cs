using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>
/// The state of a connection and its channels, and everything that changes it. All methods run on the pump, save those of the vector threads
/// and of a dying kernel, which say so.
/// </summary>
internal sealed partial class ConnectionLoop
{
    private readonly ProcessorPlatform _platform;
    private readonly Hypercalls _hypercalls;
    private readonly VirtualProcessors _processors;
    private readonly IVmBusObserver _observer;
    private readonly VmBusOptions _options;
    private readonly RateLimitedLog _log;
    private readonly MessageInbox _inbox;
    private readonly MessagePoster _poster;
    private readonly Notifier _notifier;
    private volatile ConnectionPhase _phase = new ConnectionPhase.Disconnected();

    public ConnectionLoop(ProcessorPlatform platform, Hypercalls hypercalls, VirtualProcessors processors, IVmBusObserver observer, VmBusOptions options)
    {
        _platform = platform;
        _hypercalls = hypercalls;
        _processors = processors;
        _observer = observer;
        _options = options;
        _log = new RateLimitedLog(platform.Log, platform.Clock);
        _inbox = new MessageInbox(platform.Processors.Count);
        Pump = new Pump(platform.Executor, platform.Log, _inbox, OnMessage);
        _notifier = new Notifier(platform.Executor, platform.Log);
        _poster = new MessagePoster(hypercalls, platform.Clock, Pump, Tally, options.PostTimeout);
    }

    public Pump Pump { get; }

    public ConnectionTally Tally { get; } = new();

    public IExecutor Executor => _platform.Executor;

    public IDmaMemory Dma => _platform.Dma;

    public TimeProvider Clock => _platform.Clock;

    public int ProcessorCount => _platform.Processors.Count;

    public VmBusState State => _phase.State;

    private ConnectionPhase Phase
    {
        get => _phase;
        set
        {
            OnStateChanging(_phase, value);
            _phase = value;
        }
    }

    private bool IsConnected => _phase is ConnectionPhase.ReceivingOffers or ConnectionPhase.Connected;

    /// <summary>Runs a command on the pump when the token is cancelled. Any thread.</summary>
    public CancellationTokenRegistration OnCancelled(Action command, CancellationToken token) =>
        token.CanBeCanceled ? token.UnsafeRegister(static state => (((Pump, Action))state!).Item1.Post((((Pump, Action))state).Item2), (Pump, command)) : default;

    /// <summary>A state is about to change.</summary>
    public void OnStateChanging(object from, object to) => _options.StateChanging?.Invoke(from, to);

    /// <summary>An interrupt of the SINT; on the vector thread of that processor.</summary>
    public void OnVector(int processor)
    {
        if (_inbox.Pull(processor))
            Pump.Wake();
        if (_synic is not { } synic)
            return;
        var isOld = Version != default && Version < VmBusVersion.V2_4;
        var strays = isOld
            ? synic.TakeEvents(processor, Sint.VmBus, 0, this, static (_, _) => { })
            : synic.TakeEvents(processor, Sint.VmBus, Volatile.Read(ref _highestRelId), this, static (loop, flag) => loop.OnEvent(flag));
        if (strays > 0)
            Tally.AddStrayEvents(strays);

        // Hyper-V sets event flag 0 to say that the interrupt page has something; QEMU only interrupts. So the flag is cleared and the page decides.
        if (isOld)
            _pages?.TakeHostToGuest(Volatile.Read(ref _highestRelId), this, static (loop, flag) => loop.OnEvent(flag));
    }

    /// <summary>Says goodbye from a dying kernel; on its one thread. Takes no lock and allocates nothing.</summary>
    public bool UnloadAtPanic(int polls)
    {
        if (_phase is ConnectionPhase.Disconnected or ConnectionPhase.Suspended || _synic is not { } synic)
            return true;
        var unload = new MessageHeader { Type = MessageType.Unload };
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<MessageHeader>(in unload));
        SynIcMessage message = default;
        var isPosted = false;
        for (var poll = 0; poll < polls; poll++)
        {
            isPosted = isPosted || _hypercalls.PostMessageAtPanic(_messageConnection, bytes) == CallStatus.Success;
            for (var processor = 0; processor < ProcessorCount; processor++)
            {
                if (synic.TryTakeMessage(processor, Sint.VmBus, ref message)
                    && message.Type == SynIcMessageType.VmBus
                    && MemoryMarshal.Read<MessageType>(message.Payload) == MessageType.UnloadResponse)
                    return true;
            }
        }

        return false;
    }

    /// <summary>Memory that stays with the host.</summary>
    private void Leak(long bytes) => Tally.LeakedBytes += bytes;

    private void OnEvent(uint flag)
    {
        if (Find(new RelId(flag))?.Port is { } port)
            port.Interrupt();
        else
            Tally.AddStrayEvents(1);
    }

    /// <summary>Checks a message against the table, and hands it on (rules V1 and V2).</summary>
    private void OnMessage(ref SynIcMessage message)
    {
        Tally.MessagesReceived++;
        ReadOnlySpan<byte> payload = message.Payload;
        payload = payload[..message.PayloadSize];
        if (message.Type != SynIcMessageType.VmBus || payload.Length < Unsafe.SizeOf<MessageHeader>())
        {
            Count(message.Type == SynIcMessageType.VmBus, $"dropped a message of type {message.Type:x} with {payload.Length} bytes");
            return;
        }

        var type = MemoryMarshal.Read<MessageType>(payload);
        if (!MessageTable.TryGet(type, out var entry) || entry.Handler is null || entry.Since > _asked)
            Count(isShort: false, $"dropped a message of type {(uint)type}");
        else if (payload.Length < entry.MinimumSize)
            Count(isShort: true, $"dropped {type} of {payload.Length} bytes; it has {entry.MinimumSize} at least");
        else
            entry.Handler(this, payload);
    }

    private void Count(bool isShort, string what)
    {
        if (isShort)
            Tally.ShortMessages++;
        else
            Tally.UnknownMessages++;
        _log.Warning(what);
    }

    /// <summary>An answer to what this guest never asks.</summary>
    public void OnUnaskedAnswer() => OnLateAnswer("an answer that nobody asked for");

    private void OnLateAnswer(string what)
    {
        Tally.LateAnswers++;
        _log.Warning($"dropped {what}");
    }

    private void OnUnknownId(string what)
    {
        Tally.UnknownIds++;
        _log.Warning($"dropped {what}");
    }

    private void Post<T>(in T message, Action<CallStatus>? onFailed = null)
        where T : unmanaged =>
        _poster.Post(_messageConnection, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in message)), onFailed);

    private void Post(MessageType type, RelId relId)
    {
        var message = new RelIdMessage { Header = new MessageHeader { Type = type }, RelId = relId };
        Post(message);
    }

    private Deadline Within(TimeSpan time, Action action) => Deadline.Start(_platform.Clock, Pump, time, () =>
    {
        Tally.TimeOuts++;
        action();
    });
}
