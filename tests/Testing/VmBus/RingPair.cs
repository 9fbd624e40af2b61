using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.VmBus.Rings;

namespace GuestOS.Testing.VmBus;

/// <summary>Both rings of a channel, with the driver's code on one side and the simulated host's on the other.</summary>
internal sealed class RingPair : IDisposable
{
    private readonly SharedPages _pages;
    private readonly SimulatedMemory _memory;

    public RingPair(int dataPages = 1, PacketTypes accepted = PacketTypes.InBand | PacketTypes.Completion | PacketTypes.TransferPages)
    {
        var memory = _memory = new SimulatedMemory(new Random(1));
        var length = (dataPages + 1) * 4096;
        Buffer = memory.Allocate(2 * length, DmaConstraints.None);
        Writer = new RingWriter(new RingMemory(memory, Buffer, 0, length));
        Reader = new RingReader(new RingMemory(memory, Buffer, length, length), accepted);
        var first = Buffer.PhysicalAddress.Value / 4096;
        var frames = Enumerable.Range(0, 2 * (dataPages + 1)).Select(i => first + (ulong)i).ToArray();
        _pages = SharedPages.TryOpen(memory, frames)!;
        Outbound = new HostRing(_pages, 0, dataPages + 1);
        Inbound = new HostRing(_pages, dataPages + 1, dataPages + 1);
        HostReader = new HostRingReader(Outbound);
        HostWriter = new HostRingWriter(Inbound);
    }

    public SimulatedMemory Memory => _memory;

    public DmaBuffer Buffer { get; }

    public RingWriter Writer { get; }

    public RingReader Reader { get; }

    public HostRing Outbound { get; }

    public HostRing Inbound { get; }

    public HostRingReader HostReader { get; }

    public HostRingWriter HostWriter { get; }

    /// <summary>Data of the guest-to-host ring.</summary>
    public Span<byte> OutboundData => Buffer.GetSpan().Slice(4096, (int)Outbound.Size);

    /// <summary>Another consumer of the same memory, at the start of the ring.</summary>
    public RingReader NewReader()
    {
        var length = (int)Inbound.Size + 4096;
        return new RingReader(new RingMemory(_memory, Buffer, length, length), PacketTypes.InBand | PacketTypes.Completion | PacketTypes.TransferPages);
    }

    public void Dispose()
    {
        _pages.Dispose();
        Buffer.Dispose();
    }
}
