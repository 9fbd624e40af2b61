using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>One opening of an adapter: its channels, the buffers that the host has, and what was agreed on. Made anew by every resume.</summary>
internal sealed partial class NetvscSession
{
    /// <summary>Frames that may be on their way together.</summary>
    public const int SlotCount = 256;

    /// <summary>Bytes of a header's place: a divisor of the page, so that no header is split.</summary>
    public const int HeaderStride = 128;

    private const int PageSize = 4096;
    private const int RingSize = 128 * 1024;

    /// <summary>A packet with the most ranges that hosts send.</summary>
    private const int LargestPacket = 8192;

    private readonly Lock _stateGate = new();
    private readonly DriverContext _context;
    private readonly NetvscOptions _options;
    private readonly DmaBuffer _headers;
    private readonly byte[] _sendTable = new byte[NvspConstants.SendTableEntries];
    private readonly NetvscQueue?[] _queues;
    private SharedBuffer? _receiveBuffer;
    private SharedBuffer? _sendBuffer;
    private TaskCompletionSource? _offered;
    private volatile bool _hasReceiveBuffer;
    private volatile SessionState _state;

    public NetvscSession(NetvscAdapter adapter, VmBusChannel channel, DriverContext context, NetvscOptions options)
    {
        Adapter = adapter;
        Channel = channel;
        _context = context;
        _options = options;
        Mtu = options.Mtu;
        _headers = context.Dma.Allocate(SlotCount * HeaderStride, DmaConstraints.None);
        try
        {
            Control = new RndisControl(channel, context.Dma.Allocate(RndisControl.MemorySize, DmaConstraints.None), context.Clock, options.ContinueInline);
        }
        catch
        {
            _headers.Dispose();
            throw;
        }

        Sections = new SendSections(0, 0);
        _queues = new NetvscQueue?[Math.Max(1, Math.Min(options.Queues, context.Processors?.Count ?? 1))];
        _queues[0] = new NetvscQueue(this, channel, 0);
        for (var i = 0; i < SlotCount; i++)
            FreeSlot = new SendSlot(this, i) { Next = FreeSlot };
    }

    /// <summary>Where it is in its life.</summary>
    public SessionState State => _state;

    public NetvscAdapter Adapter { get; }

    public VmBusChannel Channel { get; }

    public RndisControl Control { get; }

    /// <summary>Version that was agreed on.</summary>
    public NvspVersion Version { get; private set; }

    public MacAddress Address { get; private set; }

    public int Mtu { get; private set; }

    public LinkStatus Link { get; private set; }

    public NetworkOffloads Offloads { get; private set; }

    public int SubAllocationSize { get; private set; }

    /// <summary>Channels that are open.</summary>
    public int OpenQueues { get; private set; } = 1;

    /// <summary>
    /// What the host said of a virtual function of this adapter. It names a device on the virtual PCI bus; whoever drives that one
    /// can take over the frames and tell the host by SWITCH_DATA_PATH. Until then all frames go through here.
    /// </summary>
    public NvspVirtualFunction VirtualFunction { get; set; }

    /// <summary>Under the adapter's lock.</summary>
    public SendSections Sections { get; private set; }

    /// <summary>First of the slots that are free; under the adapter's lock.</summary>
    public SendSlot? FreeSlot { get; set; }

    /// <summary>The host may still read what it was sent: under the adapter's lock.</summary>
    public bool IsLost { get; set; }

    public bool HasReceiveBuffer => _hasReceiveBuffer;

    public ReadOnlySpan<byte> ReceiveMemory => _receiveBuffer!.Memory.GetSpan();

    /// <summary>A section of the send buffer.</summary>
    public Span<byte> Section(int index) => _sendBuffer!.Memory.GetSpan().Slice(index * Sections.SectionSize, Sections.SectionSize);

    /// <summary>A slot's place for a header.</summary>
    public Span<byte> Header(SendSlot slot) => _headers.GetSpan().Slice(slot.Number * HeaderStride, HeaderStride);

    /// <summary>The header in memory, as the host finds it.</summary>
    public PageBuffer HeaderPage(SendSlot slot, int length)
    {
        var address = _headers.PhysicalAddress.Value + ((ulong)slot.Number * HeaderStride);
        return new PageBuffer(address / PageSize, (int)(address % PageSize), length);
    }

    /// <summary>The table of <see cref="SessionState"/>.</summary>
    public static bool CanBecome(SessionState from, SessionState to) => from switch
    {
        SessionState.SettingUp => to is SessionState.Open or SessionState.Ended or SessionState.Closed,
        SessionState.Open => to is SessionState.Ended or SessionState.Closed,
        SessionState.Ended => to is SessionState.Closed,
        _ => false,
    };

    /// <summary>The channel for a frame: all frames between two ends take the same.</summary>
    public NetvscQueue QueueFor(ReadOnlySpan<byte> frame)
    {
        if (OpenQueues == 1)
            return _queues[0]!;
        var number = Volatile.Read(ref _sendTable[FrameHeaders.FlowOf(frame) % NvspConstants.SendTableEntries]);
        return (number < _queues.Length ? _queues[number] : null) ?? _queues[0]!;
    }

    public bool TrySetSendTable(ReadOnlySpan<byte> message)
    {
        Span<byte> table = stackalloc byte[NvspConstants.SendTableEntries];
        if (!NvspAnswers.TryReadSendTable(message, Version, _queues.Length, table))
            return false;
        for (var i = 0; i < table.Length; i++)
            Volatile.Write(ref _sendTable[i], table[i]);
        return true;
    }

    /// <summary>A channel has ended.</summary>
    public void OnEnd(NetvscQueue queue, ChannelEnd reason)
    {
        if (queue.Number != 0)
        {
            _queues[queue.Number] = null;
            return;
        }

        var isSurprise = TryMove(SessionState.Ended, out _);
        Control.End($"The channel ended: {reason}.");
        SignalOffer();
        if (isSurprise)
            Adapter.OnSessionEnd(this, reason);
    }

    /// <summary>
    /// Says good-bye, closes, and takes everything back from the host (protocol 6.3). Bounded in time with any host. Further calls do nothing.
    /// </summary>
    public async ValueTask CloseAsync()
    {
        if (!TryMove(SessionState.Closed, out var before))
            return;
        if (Channel.Status == ChannelStatus.Open && before != SessionState.Ended && Channel.BrokenBecause is null)
            await SayGoodbyeAsync().ConfigureAwait(false);
        var isOld = Channel.Version < VmBusVersion.V4_0;
        if (isOld)
            await ReleaseBuffersAsync().ConfigureAwait(false);
        await Channel.CloseAsync().ConfigureAwait(false);
        _hasReceiveBuffer = false;
        if (!isOld)
            await ReleaseBuffersAsync().ConfigureAwait(false);
        Control.End("The channel is closed.");
        Control.Free();
        if (!IsLost)
            _headers.Dispose();
    }

    /// <summary>The one place where the state changes. False, and nothing happens, when the table has no such change.</summary>
    private bool TryMove(SessionState to, out SessionState from)
    {
        lock (_stateGate)
        {
            from = _state;
            if (!CanBecome(from, to))
                return false;
            _state = to;
            return true;
        }
    }

    private async ValueTask SayGoodbyeAsync()
    {
        if (Address.IsStation)
        {
            try
            {
                await Control.SetAsync(Oid.CurrentPacketFilter, new byte[sizeof(uint)], NetvscTimeouts.Goodbye, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or TimeoutException)
            {
                _context.Log.Debug($"{Adapter.Name}: {exception.Message}");
            }

            Control.SendHalt();
        }

        if (_receiveBuffer is not null && SubAllocationSize != 0)
            Revoke(NvspMessageType.RevokeReceiveBuffer, NvspConstants.ReceiveBufferId);
        if (_sendBuffer is not null && Sections.SectionSize != 0)
            Revoke(NvspMessageType.RevokeSendBuffer, NvspConstants.SendBufferId);
    }

    private void Revoke(NvspMessageType type, ushort id)
    {
        Span<byte> message = stackalloc byte[NvspConstants.MessageSize];
        message.Clear();
        MemoryMarshal.Write(message, new NvspRevoke { Type = type, Id = id });
        Channel.TrySend(message);
    }

    private async ValueTask ReleaseBuffersAsync()
    {
        // The host writes to the receive buffer on its own account; what it reads of the send buffer is told by completions.
        if (_receiveBuffer is not null)
            await _receiveBuffer.ReleaseAsync().ConfigureAwait(false);
        if (_sendBuffer is not null)
            await _sendBuffer.ReleaseAsync().ConfigureAwait(false);
    }
}
