using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Tests.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus.Rings;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

/// <summary>The scripted host's end of a channel.</summary>
internal sealed class HostChannel
{
    private readonly TestPartition _machine;
    private readonly ScriptedHost _host;

    public HostChannel(TestPartition machine, ScriptedHost host, OfferChannel offer)
    {
        _machine = machine;
        _host = host;
        Offer = offer;
        if (machine.Model.Hypercalls.EventPorts.TryAdd(offer.Connection.Value, _ => OnSignal()))
            return;
        machine.Model.Hypercalls.EventPorts[offer.Connection.Value] = _ => OnSignal();
    }

    public OfferChannel Offer { get; }

    public OpenChannel? Opened { get; private set; }

    public uint TargetVp { get; set; }

    /// <summary>Below 2.4: the event flag that points to the interrupt page is set; otherwise the processor is only interrupted (QEMU).</summary>
    public bool FlagsInterruptPage { get; set; } = true;

    public HostRingReader Reader { get; private set; } = null!;

    public HostRingWriter Writer { get; private set; } = null!;

    public HostRing Inbound { get; private set; } = null!;

    public HostRing Outbound { get; private set; } = null!;

    /// <summary>Signals of the guest.</summary>
    public int Signals { get; private set; }

    /// <summary>Runs at every signal; by default nothing is read.</summary>
    public Action<HostChannel>? Signalled { get; set; }

    public uint Open(in OpenChannel open)
    {
        if (Opened is not null || !_host.Gpadls.TryGetValue(open.RingGpadl.Value, out var gpadl) || gpadl.RelId != Offer.RelId.Value)
            return 1;
        var send = (int)open.DownstreamPage;
        if (send < 2 || gpadl.Frames.Count - send < 2)
            return 1;
        Opened = open;
        TargetVp = open.TargetVp.Value;
        Outbound = new HostRing(gpadl.Pages!, 0, send);
        Inbound = new HostRing(gpadl.Pages!, send, gpadl.Frames.Count - send);
        Reader = new HostRingReader(Outbound);
        Writer = new HostRingWriter(Inbound);
        return 0;
    }

    public void Close() => Opened = null;

    public HostPacket? Read()
    {
        var packet = Reader.TryRead(out var signal);
        if (signal)
            Interrupt();
        return packet;
    }

    /// <summary>Writes a packet and interrupts the guest when it wants that. False when the ring is full.</summary>
    public bool Write(PacketType type, ulong transactionId, ReadOnlySpan<byte> payload, PacketFlags flags = PacketFlags.None, ReadOnlySpan<byte> descriptor = default)
    {
        if (!Writer.TryWrite(type, flags, transactionId, descriptor, payload, out var signal))
            return false;
        if (signal)
            Interrupt();
        return true;
    }

    /// <summary>Reads what is there and completes with the payload turned over.</summary>
    public void CompleteAll()
    {
        while (Opened is not null && Read() is { } packet)
        {
            if ((packet.Flags & PacketFlags.CompletionRequested) != 0)
                Write(PacketType.Completion, packet.TransactionId, [.. packet.Payload.Reverse()]);
        }
    }

    public void Interrupt()
    {
        var synic = _machine.Model.Find(TargetVp)!.SynIc;
        if (_host.Version >= VmBusVersion.V2_4)
        {
            synic.TrySignal(Sint.VmBus.Value, Offer.RelId.Value);
            return;
        }

        var address = _host.InterruptPage + ((Offer.RelId.Value / 32) * 4);
        Span<byte> word = stackalloc byte[4];
        _machine.Memory.TryRead(address, word);
        BitConverter.TryWriteBytes(word, BitConverter.ToUInt32(word) | (1u << (int)(Offer.RelId.Value % 32)));
        _machine.Memory.TryWrite(address, word);
        if (FlagsInterruptPage)
            synic.TrySignal(Sint.VmBus.Value, 0);
        else
            synic.Interrupt(Sint.VmBus.Value);
    }

    private void OnSignal()
    {
        Signals++;
        Signalled?.Invoke(this);
    }
}
