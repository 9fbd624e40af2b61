using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Partition;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>
/// A guest without drivers: it sets the SynIC registers, posts bytes by hypercall and collects what arrives. Offsets are literals of the
/// protocol.
/// </summary>
internal sealed class HandGuest : IDisposable
{
    private readonly SimulatedPartition _partition;
    private readonly DmaBuffer[] _messages;
    private readonly DmaBuffer[] _events;
    private readonly DmaBuffer _hypercall;
    private readonly DmaBuffer _input;
    private readonly IProcessorVector _vector;
    private readonly Dictionary<uint, int> _gpadls = [];
    private uint _nextGpadl = 0xE1E10;

    public HandGuest(SimulatedPartition partition)
    {
        _partition = partition;
        var dma = partition.Platform.Dma;
        _hypercall = dma.Allocate(4096, DmaConstraints.None);
        _input = dma.Allocate(4096, DmaConstraints.None);
        partition.Registers.Write(Msr.GuestOsId, 0x8100_0000_0000_0000);
        partition.Registers.Write(Msr.Hypercall, _hypercall.PhysicalAddress.Value | 1);
        partition.Hypercalls.Install(_hypercall.PhysicalAddress);
        _vector = partition.Vectors.Allocate("hand", Interrupt, endsItself: false);
        _messages = [.. partition.Processors.Select(_ => dma.Allocate(4096, DmaConstraints.None))];
        _events = [.. partition.Processors.Select(_ => dma.Allocate(4096, DmaConstraints.None))];
        for (var i = 0; i < partition.Processors.Count; i++)
        {
            var processor = i;
            partition.Platform.Processors.Run(processor, () =>
            {
                partition.Registers.Write(Msr.Simp, _messages[processor].PhysicalAddress.Value | 1);
                partition.Registers.Write(Msr.Siefp, _events[processor].PhysicalAddress.Value | 1);
                foreach (var sint in new uint[] { 2, 5 })
                    partition.Registers.Write(Msr.Sint0 + sint, _vector.Vector);
                partition.Registers.Write(Msr.SControl, 1);
            });
        }
    }

    /// <summary>Messages that arrived: processor, SINT, payload.</summary>
    public Queue<(int Processor, int Sint, byte[] Payload)> Messages { get; } = new();

    /// <summary>Event flags that arrived: processor, SINT, flag.</summary>
    public List<(int Processor, int Sint, int Flag)> Events { get; } = [];

    public SimulatedPartition Partition => _partition;

    public DmaBuffer Allocate(int pages) => _partition.Platform.Dma.Allocate(pages * 4096, DmaConstraints.None);

    /// <summary>HvCallPostMessage, control word 0x5C.</summary>
    public int Post(uint connection, ReadOnlySpan<byte> message)
    {
        var block = _input.GetSpan()[..256];
        block.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(block, connection);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(block[12..], (uint)message.Length);
        message.CopyTo(block[16..]);
        return (int)(_partition.Hypercalls.Call(0x5C, _input.PhysicalAddress.Value, 0) & 0xFFFF);
    }

    /// <summary>HvCallSignalEvent, fast: control word 0x1005D.</summary>
    public int Signal(uint connection, ushort flag = 0) => (int)(_partition.Hypercalls.Call(0x1005D, connection | ((ulong)flag << 32), 0) & 0xFFFF);

    /// <summary>The next message.</summary>
    public byte[] Take() => Messages.Count > 0 ? Messages.Dequeue().Payload : throw new InvalidOperationException("No message arrived.");

    /// <summary>A message from words of 32 bits.</summary>
    public static byte[] Words(params ReadOnlySpan<uint> words)
    {
        var bytes = new byte[words.Length * 4];
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        return bytes;
    }

    public static uint Word(byte[] message, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(offset));

    /// <summary>INITIATE_CONTACT, 40 bytes.</summary>
    public static byte[] Contact(uint version, uint vp = 0, ulong at16 = 0, ulong monitor1 = 0, ulong monitor2 = 0)
    {
        var message = new byte[40];
        message[0] = 14;
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), version);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), vp);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16), at16);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(24), monitor1);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(32), monitor2);
        return message;
    }

    /// <summary>A whole GPADL: header and as many bodies as it takes.</summary>
    public IEnumerable<byte[]> Gpadl(uint relId, DmaBuffer buffer, out uint handle)
    {
        var id = handle = _nextGpadl++;
        _gpadls[id] = buffer.Length;
        var pages = buffer.Length / 4096;
        var frames = Enumerable.Range(0, pages).Select(i => (buffer.PhysicalAddress.Value / 4096) + (ulong)i).ToArray();
        return Build();

        IEnumerable<byte[]> Build()
        {
            var first = frames.Take(26).ToArray();
            var head = new byte[28 + (8 * first.Length)];
            head[0] = 8;
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), relId);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), id);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(16), (ushort)(8 + (8 * pages)));
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(18), 1);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(20), (uint)(pages * 4096));
            Fill(head, 28, first);
            yield return head;
            foreach (var chunk in frames.Skip(26).Chunk(28))
            {
                var body = new byte[16 + (8 * chunk.Length)];
                body[0] = 9;
                BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(12), id);
                Fill(body, 16, chunk);
                yield return body;
            }
        }

        static void Fill(byte[] message, int at, ulong[] frames)
        {
            for (var i = 0; i < frames.Length; i++)
                BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(at + (8 * i)), frames[i]);
        }
    }

    /// <summary>OPENCHANNEL, 148 bytes.</summary>
    public static byte[] Open(uint relId, uint openId, uint gpadl, uint vp, uint downstream)
    {
        var message = Words(5, 0, relId, openId, gpadl, vp, downstream);
        Array.Resize(ref message, 148);
        return message;
    }

    public void Dispose()
    {
        _vector.Dispose();
        _partition.Dispose();
        foreach (var buffer in _messages.Concat(_events).Append(_hypercall).Append(_input))
            buffer.Dispose();
    }

    private void Interrupt(int processor)
    {
        foreach (var sint in new[] { 2, 5 })
        {
            var slot = _messages[processor].GetSpan().Slice(sint * 256, 256);
            while (BinaryPrimitives.ReadUInt32LittleEndian(slot) == 1)
            {
                Messages.Enqueue((processor, sint, slot.Slice(16, slot[4]).ToArray()));
                slot[..4].Clear();
                if ((slot[5] & 1) != 0)
                    _partition.Registers.Write(Msr.Eom, 0);
            }

            var flags = _events[processor].GetSpan().Slice(sint * 256, 256);
            for (var flag = 0; flag < 2048; flag++)
            {
                if ((flags[flag / 8] & (1 << (flag % 8))) == 0)
                    continue;
                flags[flag / 8] &= (byte)~(1 << (flag % 8));
                Events.Add((processor, sint, flag));
            }
        }
    }
}
