using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Network;

/// <content>Messages to the guest, through the receive buffer.</content>
public sealed partial class NetworkProvider
{
    private readonly Dictionary<ulong, (List<int> SubAllocations, bool IsControl)> _inFlight = [];

    /// <summary>Answers of the guest to <see cref="KeepAlive"/>.</summary>
    public int KeepAliveAnswers { get; private set; }

    /// <summary>A frame from the switch.</summary>
    public void Deliver(SwitchFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        lock (_gate)
        {
            if (Stage != NetworkStage.Running || !_isLinkUp || !IsWanted(frame) || frame.Data.Length > Mtu + 14)
            {
                Dropped++;
                return;
            }

            var hash = Rss is { } rss ? Toeplitz.Hash(frame.Data, rss.Key) : null;
            var channel = hash is { } value ? (int)Rss!.Table[(int)(value % (uint)Rss.Table.Count)] : 0;
            var queue = _queues.Find(one => one.Index == channel) ?? Primary;
            if (queue is null || queue.Waiting.Count >= Options.MostWaiting)
            {
                Dropped++;
                return;
            }

            queue.Waiting.Enqueue((frame, hash));
            Schedule(queue);
        }
    }

    /// <summary>The cable is plugged in or out, or has another speed.</summary>
    /// <param name="isUp">Plugged in.</param>
    /// <param name="speed">In units of 100 bit/s; null leaves it.</param>
    public void SetLink(bool isUp, uint? speed = null) => OnPrimary(_ =>
    {
        if (speed is { } value && value != _linkSpeed)
        {
            _linkSpeed = value;
            Indicate(0x4001_0013, Wire.Words(value));
        }

        if (_isLinkUp == isUp)
            return;
        _isLinkUp = isUp;
        Indicate(isUp ? 0x4001_000Bu : 0x4001_000C, []);
    });

    /// <summary>The network behind the link is another one.</summary>
    public void ChangeNetwork() => OnPrimary(_ => Indicate(0x4001_0018, []));

    /// <summary>Asks whether the guest is there.</summary>
    public void KeepAlive() => OnPrimary(_ => SendControl(Wire.Words(8, 12, 0x77)));

    /// <summary>Tells the guest which channel it shall use for which hash (version 5 and later).</summary>
    public void SendTable(params uint[] channels) => OnPrimary(session =>
    {
        // Hosts up to 6.0 name the wrong place.
        var message = new byte[12 + 28 + 64];
        Wire.Words(134, 16, Version <= 0x6_0000 ? 12u : 40).CopyTo(message, 0);
        Wire.Words(channels).CopyTo(message, 40);
        SendNvsp(session, message, 0, wantsCompletion: false);
    });

    /// <summary>A virtual function belongs to the adapter, or does not any more (version 4 and later).</summary>
    public void AssociateVirtualFunction(bool isThere, uint serial) => OnPrimary(session =>
        SendNvsp(session, Answer(128, isThere ? 1u : 0, serial), 0x8000_0000_0000_0000, wantsCompletion: true));

    private void OnPrimary(Action<ChannelSession> action)
    {
        ChannelSession? session;
        lock (_gate)
            session = Primary?.Session;
        session?.Post(() =>
        {
            lock (_gate)
                action(session);
        });
    }

    private void SendNvsp(ChannelSession session, byte[] message, ulong transaction, bool wantsCompletion)
    {
        if (Mangled("nvsp", Wire.Word(message, 0), message) is { } bytes)
            session.SendInBand(bytes, transaction, wantsCompletion);
    }

    private bool IsWanted(SwitchFrame frame) =>
        (Filter & 0x20) != 0
        || (frame.Destination == 0xFFFF_FFFF_FFFF ? (Filter & 8) != 0
            : (frame.Data[0] & 1) == 0 ? (Filter & 1) != 0 && frame.Destination == Options.Address
            : (Filter & 4) != 0 || ((Filter & 2) != 0 && Multicast.Contains(frame.Destination)));

    private void Schedule(HostQueue queue)
    {
        if (queue.IsPosted || queue.Waiting.Count == 0)
            return;
        queue.IsPosted = true;
        queue.Session.Post(() =>
        {
            lock (_gate)
            {
                queue.IsPosted = false;
                Flush(queue);
            }
        });
    }

    /// <summary>As many frames in one packet as there is room for.</summary>
    private void Flush(HostQueue queue)
    {
        while (queue.Waiting.Count > 0 && _free.Count > 0 && Stage == NetworkStage.Running)
        {
            var ranges = new List<TransferPageRange>();
            var taken = new List<int>();
            while (ranges.Count < Options.MostRanges && _free.Count > 0 && queue.Waiting.TryDequeue(out var waiting))
            {
                var place = _free.Pop();
                var length = WriteFrame(place, waiting.Frame, waiting.Hash);
                taken.Add(place);
                ranges.Add(new TransferPageRange { ByteCount = (uint)length, ByteOffset = (uint)(place * SubAllocationSize) });
            }

            Delivered += ranges.Count;
            var transaction = NextTransaction();
            _inFlight.Add(transaction, (taken, false));
            SendRanges(queue.Session, ranges, isControl: false, transaction);
        }
    }

    private int WriteFrame(int place, SwitchFrame frame, uint? hash)
    {
        var info = new List<byte>();
        var checksums = ReceiveChecksums(frame);
        if (checksums != 0)
            info.AddRange(Wire.Words(16, 0, 12, checksums));
        if (frame.Vlan is { } tag)
            info.AddRange(Wire.Words(16, 6, 12, ((uint)tag >> 13) | (((uint)tag >> 9) & 8) | (((uint)tag & 0xFFF) << 4)));
        if (hash is { } value)
            info.AddRange(Wire.Words(16, 8, 12, value));
        var dataAt = Options.PlacesFramesFar ? 256 : 44 + info.Count;
        var length = Options.PlacesFramesFar ? SubAllocationSize : dataAt + frame.Data.Length;
        var message = new byte[dataAt + frame.Data.Length];
        Wire.Words(1, (uint)length, (uint)dataAt - 8, (uint)frame.Data.Length, 0, 0, 0, info.Count == 0 ? 0u : 36, (uint)info.Count).CopyTo(message, 0);
        info.CopyTo(message, 44);
        frame.Data.CopyTo(message, dataAt);
        if (Mangled("rndis", 1, message) is { } bytes)
            _receiveBuffer!.TryWrite(place * (long)SubAllocationSize, bytes.AsSpan(0, Math.Min(bytes.Length, SubAllocationSize)));
        return length;
    }

    /// <summary>Frames that a neighbour left to the switch to sum up are known to be good.</summary>
    private static uint ReceiveChecksums(SwitchFrame frame)
    {
        if (!frame.IsVerified || !FrameOffloads.TryFind(frame.Data, out var ip, out _, out var protocol))
            return 0;
        var transport = protocol switch { 6 => 8u, 17 => 16u, _ => 0u };
        return transport | (frame.Data[ip] >> 4 == 4 ? 32u : 0);
    }

    private void Indicate(uint status, byte[] data)
    {
        if (Stage != NetworkStage.Running)
            return;
        var length = 20u + (Options.CountsStatusBuffer ? (uint)data.Length : 0);
        SendControl([.. Wire.Words(7, length, status, (uint)data.Length, data.Length == 0 ? 0u : 12), .. data]);
    }

    private void SendControl(byte[] message)
    {
        if (Mangled("rndis", Wire.Word(message, 0), message) is not { } bytes || Primary is not { } queue || _receiveBuffer is not { } buffer)
            return;
        if (!_free.TryPop(out var place))
        {
            queue.Session.Report("no sub-allocation is left for a control message");
            return;
        }

        bytes = bytes.Length > SubAllocationSize ? bytes[..SubAllocationSize] : bytes;
        buffer.TryWrite(place * (long)SubAllocationSize, bytes);
        var transaction = NextTransaction();
        _inFlight.Add(transaction, ([place], true));
        _controlInFlight++;
        SendRanges(queue.Session, [new TransferPageRange { ByteCount = (uint)bytes.Length, ByteOffset = (uint)(place * SubAllocationSize) }], isControl: true, transaction);
    }

    private void SendRanges(ChannelSession session, List<TransferPageRange> ranges, bool isControl, ulong transaction) =>
        session.SendTransferPages(0xCAFE, [.. ranges], Answer(107, isControl ? 1u : 0, NoSection, 0), transaction, wantsCompletion: true);

    private void TakeCompletion(HostQueue queue, ulong transaction, ReadOnlySpan<byte> message)
    {
        if (transaction >= 0x8000_0000_0000_0000)
            return;
        if (!_inFlight.Remove(transaction, out var packet))
        {
            queue.Session.Report($"a completion for {transaction:x}, which is not outstanding");
            return;
        }

        if (message.Length < 8 || Wire.Word(message, 0) != 108)
        {
            queue.Session.Fail($"a completion of {message.Length} bytes that is none of RNDIS_PACKET");
            return;
        }

        CompletionStatuses.Add(Wire.Word(message, 4));
        if (packet.IsControl)
            _controlInFlight--;
        if (_receiveBuffer is null)
            return;
        foreach (var place in packet.SubAllocations)
            _free.Push(place);
        foreach (var other in _queues)
            Schedule(other);
    }
}
