using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Balloon.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;
using GuestOS.Machine.Memory;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>
/// The guest's side of the dynamic-memory protocol, without threads: whoever owns it feeds it messages, time and room in the ring, one call
/// at a time. A request of the host is carried out in steps of bounded length; the next message waits until it is over.
/// LOCKING: one owner; <see cref="State"/>, <see cref="Version"/> and <see cref="MostPages"/> may be read by anyone.
/// </summary>
internal sealed partial class BalloonClient
{
    /// <summary>How long the host may take to agree on a version, and again on the capabilities (Linux: 5 s each).</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The host's cadence. The first report goes at once and the second after half of it: QEMU (10.0, hv-balloon on vmbus) wakes up whole seconds
    /// after the agreement, and aborts when it finds a packet in the ring just then, before the packet's signal has reached it. What one report
    /// is late by does not move the next.
    /// </summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often the heap's limit follows the memory where the host wants no reports.</summary>
    private static readonly TimeSpan SettleInterval = TimeSpan.FromSeconds(10);

    private readonly IDynamicMemory _memory;
    private readonly IBalloonLink _link;
    private readonly TimeProvider _clock;
    private readonly ILog _log;
    private readonly BalloonTally _tally;
    private readonly Action<BalloonChange> _changed;
    private readonly byte[] _outgoing = new byte[BalloonHeader.LargestMessage];
    private int _outgoingLength;
    private uint _transactionId;
    private Stage _stage = Stage.Version;
    private bool _wantsReports;
    private bool _hasTicked;
    private long _deadline;

    public BalloonClient(
        IDynamicMemory memory, IBalloonLink link, TimeProvider clock, ILog log, BalloonTally tally, BalloonVersion highest, Action<BalloonChange> changed)
    {
        _memory = memory;
        _link = link;
        _clock = clock;
        _log = log;
        _tally = tally;
        _changed = changed;
        Version = highest;
    }

    private enum Stage
    {
        /// <summary>Waits for VERSION_RESPONSE.</summary>
        Version,

        /// <summary>Waits for CAPABILITIES_RESPONSE.</summary>
        Capabilities,

        /// <summary>Everything is agreed on.</summary>
        Ready,

        /// <summary>There is no agreement.</summary>
        Failed,
    }

    /// <summary>The version that was agreed on, or is being asked for.</summary>
    public BalloonVersion Version { get; private set; }

    public BalloonState State { get; private set; }

    /// <summary>What the host says that the machine will have at most, in pages; 0 when it has not said it.</summary>
    public ulong MostPages { get; private set; }

    /// <summary>Version and capabilities are agreed on.</summary>
    public bool IsReady => _stage == Stage.Ready;

    /// <summary>Why there is no agreement.</summary>
    public string? Failure { get; private set; }

    /// <summary>Something waits for <see cref="Step"/>; no message may be given meanwhile.</summary>
    public bool IsBusy => _outgoingLength != 0 || _inflation is not null;

    /// <summary>Asks for the first version.</summary>
    public void Start()
    {
        _deadline = After(AnswerTimeout);
        AskVersion();
    }

    /// <summary>Takes one message of the host; none once it has stopped.</summary>
    /// <param name="packet">A private copy; may end in padding.</param>
    public void Receive(ReadOnlySpan<byte> packet)
    {
        if (State == BalloonState.Stopped)
            return;
        switch (BalloonMessage.Read(packet, out var message))
        {
            case MessageFlaw.Malformed:
                Complain(ref _tally.Malformed, "a message that is shorter than it says or its type demands");
                return;
            case MessageFlaw.Unknown:
                Complain(ref _tally.Unknown, "a message of an unknown type");
                return;
        }

        switch (message.Type)
        {
            case BalloonMessageType.VersionResponse when _stage == Stage.Version:
                OnVersion(message.As<VersionResponse>());
                break;
            case BalloonMessageType.CapabilitiesResponse when _stage == Stage.Capabilities:
                OnCapabilities(message.As<CapabilitiesResponse>());
                break;
            case BalloonMessageType.InfoMessage when _stage != Stage.Version:
                OnInfo(message);
                break;
            case BalloonMessageType.Error:
                Complain(ref _tally.Untimely, "an error message");
                break;
            case BalloonMessageType.BalloonRequest when _stage == Stage.Ready:
                BeginInflation(message.As<BalloonRequest>().PageCount);
                break;
            case BalloonMessageType.UnballoonRequest when _stage == Stage.Ready:
                OnUnballoon(message);
                break;
            case BalloonMessageType.HotAddRequest when _stage == Stage.Ready:
                OnHotAdd(message);
                break;
            case BalloonMessageType.HotRemoveRequest when _stage == Stage.Ready:
                OnHotRemove();
                break;
            default:
                Complain(ref _tally.Untimely, $"a message of type {message.Type} out of turn");
                break;
        }
    }

    /// <summary>Does what is due.</summary>
    /// <returns>When it must be called again at the latest.</returns>
    public TimeSpan Tick()
    {
        var left = _clock.GetElapsedTime(_clock.GetTimestamp(), _deadline);
        if (left > TimeSpan.Zero)
            return left;
        switch (_stage)
        {
            case Stage.Version:
                Fail("The host did not answer to any version of the dynamic-memory protocol in time.");
                return Timeout.InfiniteTimeSpan;
            case Stage.Capabilities:
                Fail("The host did not answer to the capabilities in time.");
                return Timeout.InfiniteTimeSpan;
            case Stage.Failed:
                return Timeout.InfiniteTimeSpan;
        }

        var interval = !_wantsReports ? SettleInterval : _hasTicked ? ReportInterval : ReportInterval / 2;
        _hasTicked = true;
        _deadline += TicksOf(interval);
        var next = _clock.GetElapsedTime(_clock.GetTimestamp(), _deadline);
        while (next <= TimeSpan.Zero)
        {
            // Too late for this one, too.
            _deadline += TicksOf(interval);
            next += interval;
        }

        if (IsBusy)
            return next;
        _memory.Settle();
        if (_wantsReports)
            Report();
        return next;
    }

    /// <summary>Goes on with what is under way.</summary>
    /// <returns>False when it needs room in the ring.</returns>
    public bool Step()
    {
        if (_outgoingLength == 0 && _inflation is not null)
            Inflate(_inflation);
        return TryFlush();
    }

    /// <summary>The channel is gone: takes back what the host was not told of, and stops.</summary>
    public void End()
    {
        _outgoingLength = 0;
        if (_inflation is not null)
            AbandonInflation(_inflation);
        State = BalloonState.Stopped;
    }

    private void AskVersion()
    {
        ref var request = ref Begin<VersionRequest>(BalloonMessageType.VersionRequest);
        request.Version = Version;
        request.Flags = Version == BalloonVersion.All[^1] ? VersionRequest.LastAttempt : 0;
        TryFlush();
    }

    private void OnVersion(VersionResponse response)
    {
        if ((response.Flags & VersionResponse.Accepted) == 0)
        {
            if (Version == BalloonVersion.All[^1])
            {
                Fail("The host accepts no version of the dynamic-memory protocol.");
                return;
            }

            Version = Version == BalloonVersion.V2_0 ? BalloonVersion.V1_0 : BalloonVersion.V0_3;
            AskVersion();
            return;
        }

        _stage = Stage.Capabilities;
        _deadline = After(AnswerTimeout);
        ref var report = ref Begin<CapabilitiesReport>(BalloonMessageType.CapabilitiesReport);
        report.Capabilities = CapabilitiesReport.Balloon | HotAddCapability();
        report.MaximumPage = ulong.MaxValue;
        TryFlush();
    }

    private ulong HotAddCapability()
    {
        const ulong pagesPerMiB = (1 << 20) / PageRange.PageSize;
        if (_memory.AddAlignment == 0)
            return 0;
        int alignment = 0;
        while (alignment < CapabilitiesReport.LargestAlignment && pagesPerMiB << alignment < _memory.AddAlignment)
            alignment++;
        return CapabilitiesReport.HotAdd | ((ulong)alignment << CapabilitiesReport.AlignmentShift);
    }

    private void OnCapabilities(CapabilitiesResponse response)
    {
        if ((response.Flags & CapabilitiesResponse.Accepted) == 0)
        {
            Fail("The host does not accept the capabilities.");
            return;
        }

        _stage = Stage.Ready;
        State = BalloonState.Idle;
        _wantsReports = (response.Flags & CapabilitiesResponse.SuppressPressureReports) == 0;
        _deadline = _clock.GetTimestamp();
    }

    private void OnInfo(BalloonMessage message)
    {
        var head = message.As<InfoHead>();
        if (head.Kind != InfoMessage.MaximumPageCount)
            return;
        if (head.ValueSize != InfoMessage.PageCountSize || message.Length < InfoMessage.HeadSize + (int)InfoMessage.PageCountSize)
        {
            Complain(ref _tally.Malformed, "a page count of a wrong size");
            return;
        }

        MostPages = message.As<InfoMessage>().Value;
    }

    private void OnHotRemove()
    {
        // Hot removal is not among the capabilities; the request is answered all the same: nothing was removed.
        Complain(ref _tally.HotRemovals, "a request for hot removal, which was not offered");
        Begin<HotRemoveResponse>(BalloonMessageType.HotRemoveResponse);
        TryFlush();
    }

    private void Report()
    {
        var figures = _memory.Read();
        ref var report = ref Begin<StatusReport>(BalloonMessageType.StatusReport);
        report.Available = figures.Free;
        report.Committed = figures.Committed + figures.Taken + MemoryFloor.Of(figures.Total);

        // A report that finds no room is out of date when there is some: the next one goes.
        if (_link.TrySend(_outgoing.AsSpan(0, _outgoingLength)) == SendResult.Sent)
            _tally.Reports++;
        _outgoingLength = 0;
    }

    /// <summary>A fresh message in the one buffer for outgoing ones.</summary>
    private ref T Begin<T>(BalloonMessageType type)
        where T : unmanaged
    {
        int length = Unsafe.SizeOf<T>();
        Span<byte> bytes = _outgoing.AsSpan(0, length);
        bytes.Clear();
        SetHeader(type, length);
        return ref MemoryMarshal.AsRef<T>(bytes);
    }

    private void SetHeader(BalloonMessageType type, int length)
    {
        _outgoingLength = length;
        MemoryMarshal.Write(_outgoing, new BalloonHeader { Type = type, Length = (ushort)length, TransactionId = ++_transactionId });
    }

    private bool TryFlush()
    {
        if (_outgoingLength == 0)
            return true;
        switch (_link.TrySend(_outgoing.AsSpan(0, _outgoingLength)))
        {
            case SendResult.RingFull or SendResult.NoSlot:
                return false;
            case SendResult.Sent:
                _outgoingLength = 0;
                if (_inflation is not null)
                    AfterResponse(_inflation);
                return true;
            default:
                // The channel's end follows, or has come.
                End();
                return true;
        }
    }

    private void Fail(string reason)
    {
        _stage = Stage.Failed;
        Failure = reason;
    }

    private long After(TimeSpan time) => _clock.GetTimestamp() + TicksOf(time);

    private long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);

    /// <summary>Counts what a host should not send, and says so the first time.</summary>
    private void Complain(ref long count, string what)
    {
        if (++count == 1)
            _log.Warning(string.Create(CultureInfo.InvariantCulture, $"The host sent {what}; further ones are only counted."));
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct InfoHead
    {
        private readonly BalloonHeader _header;
        private readonly uint _reserved;
        private readonly uint _infoSize;

        public readonly uint Kind;

        public readonly uint ValueSize;
    }
}
