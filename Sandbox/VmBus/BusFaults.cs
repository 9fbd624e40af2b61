using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <summary>
/// What a host does wrong on purpose, at the level of the bus: single faults at a chosen place, or any fault anywhere as a seed decides.
/// Everything is off until it is set. Each fault that is committed stands in the trace.
/// </summary>
public sealed class BusFaults
{
    private static readonly MessageFaultKind[] MessageKinds = Enum.GetValues<MessageFaultKind>();
    private static readonly PacketFaultKind[] PacketKinds = Enum.GetValues<PacketFaultKind>();
    private readonly Lock _gate = new();
    private readonly List<(MessageFault Fault, int[] Seen)> _messages = [];
    private readonly List<(PacketFault Fault, int[] Seen)> _packets = [];
    private Random _random = new(0);
    private double _messageRate;
    private double _packetRate;

    /// <summary>Takes channels back when <see cref="VmBusHost.Steps"/> reaches this; 0 never.</summary>
    public int RescindAtStep { get; set; }

    /// <summary>Which channels <see cref="RescindAtStep"/> takes; null takes all.</summary>
    public Guid? RescindClass { get; set; }

    /// <summary>Faults that were committed.</summary>
    public int Committed { get; private set; }

    /// <summary>Adds a fault.</summary>
    public void Add(MessageFault fault)
    {
        lock (_gate)
            _messages.Add((fault, new int[1]));
    }

    /// <summary>Adds a fault.</summary>
    public void Add(PacketFault fault)
    {
        lock (_gate)
            _packets.Add((fault, new int[1]));
    }

    /// <summary>Any fault, by chance.</summary>
    /// <param name="seed">Decides which and where.</param>
    /// <param name="messageRate">Share of messages that are hit, 0 to 1.</param>
    /// <param name="packetRate">Share of packets that are hit, 0 to 1.</param>
    public void Seed(int seed, double messageRate, double packetRate)
    {
        lock (_gate)
        {
            _random = new Random(seed);
            _messageRate = messageRate;
            _packetRate = packetRate;
        }
    }

    /// <summary>The host keeps to the protocol again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _messages.Clear();
            _packets.Clear();
            _messageRate = _packetRate = 0;
            RescindAtStep = 0;
        }
    }

    internal MessageFaultKind? Next(MessageType type)
    {
        lock (_gate)
        {
            foreach (var (fault, seen) in _messages)
            {
                if ((fault.Only is null || fault.Only == type) && IsHit(seen, fault.Skip, fault.Count))
                    return Commit(fault.Kind);
            }

            return _messageRate > 0 && _random.NextDouble() < _messageRate ? Commit(MessageKinds[_random.Next(MessageKinds.Length)]) : null;
        }
    }

    internal PacketFaultKind? Next(Guid classId)
    {
        lock (_gate)
        {
            foreach (var (fault, seen) in _packets)
            {
                if ((fault.Only is null || fault.Only == classId) && IsHit(seen, fault.Skip, fault.Count))
                    return Commit(fault.Kind);
            }

            return _packetRate > 0 && _random.NextDouble() < _packetRate ? Commit(PacketKinds[_random.Next(PacketKinds.Length)]) : null;
        }
    }

    /// <summary>What a message becomes.</summary>
    internal byte[] Spoil(MessageFaultKind kind, MessageType type, byte[] message)
    {
        var bytes = (byte[])message.Clone();
        var relId = type == MessageType.OfferChannel ? 184 : 8;
        switch (kind)
        {
            case MessageFaultKind.Short:
                return bytes[..^1];
            case MessageFaultKind.Empty:
                return [];
            case MessageFaultKind.Long:
                Array.Resize(ref bytes, MessageHeader.LargestMessage);
                bytes.AsSpan(message.Length).Fill(0xFF);
                return bytes;
            case MessageFaultKind.UnknownType:
                return WithWord(bytes, 0, 30 + (uint)type);
            case MessageFaultKind.GuestType:
                return WithWord(bytes, 0, (uint)MessageType.OpenChannel);
            case MessageFaultKind.WrongRelId:
                return WithWord(bytes, relId, 1777);
            case MessageFaultKind.ZeroRelId:
                return WithWord(bytes, relId, 0);
            case MessageFaultKind.HugeRelId:
                return WithWord(bytes, relId, 0xFFFF_FFFF);
            case MessageFaultKind.WrongHandle:
                return WithWord(bytes, type == MessageType.GpadlTorndown ? 8 : 12, 0xBAD_BAD);
            case MessageFaultKind.Failure:
                return type switch
                {
                    MessageType.VersionResponse => WithWord(bytes, 8, 0x0201),
                    MessageType.ModifyChannelResponse => WithWord(bytes, 12, 0x8000_FFFF),
                    _ => WithWord(bytes, 16, 0x8000_FFFF),
                };
            case MessageFaultKind.Saturated:
                bytes.AsSpan(Math.Min(4, bytes.Length)).Fill(0xFF);
                return bytes;
            case MessageFaultKind.Noise:
                SprinkleNoise(bytes);
                return bytes;
            default:
                return bytes;
        }
    }

    /// <summary>Changes some bytes, as the seed decides.</summary>
    internal void SprinkleNoise(Span<byte> bytes)
    {
        lock (_gate)
        {
            for (var i = 0; i < 3 && !bytes.IsEmpty; i++)
                bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
        }
    }

    private static byte[] WithWord(byte[] bytes, int offset, uint value)
    {
        if (offset + 4 <= bytes.Length)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
        return bytes;
    }

    private static bool IsHit(int[] seen, int skip, int count)
    {
        var number = seen[0]++;
        return number >= skip && number - skip < count;
    }

    private T Commit<T>(T kind)
    {
        Committed++;
        return kind;
    }
}
