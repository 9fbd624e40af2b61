using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus.Rings;

namespace GuestOS.Sandbox.VmBus;

/// <content>The work on the rings: one shared-memory step per item of the worker, or all in one go.</content>
public sealed partial class ChannelSession
{
    private readonly HostRing _outbound;
    private readonly HostRing _inbound;
    private readonly HostRingReader _reader;
    private readonly HostRingWriter _writer;
    private readonly Queue<OutgoingPacket> _queue = new();
    private PumpState _in;
    private PumpState _out;

    private enum Step
    {
        Mask,
        Read,
        Unmask,
        LookAgain,
        Write,
        Announce,
        Signal,
        Done,
    }

    /// <summary>Packets that wait for room in the ring.</summary>
    public int Waiting
    {
        get
        {
            lock (_queue)
                return _queue.Count;
        }
    }

    /// <summary>Packets that were read.</summary>
    public long Received { get; private set; }

    /// <summary>Packets that were written.</summary>
    public long Sent { get; private set; }

    /// <summary>Interrupts of the channel.</summary>
    public long Interrupts { get; private set; }

    /// <summary>The guest's consumer may be signalled whether it wants it or not.</summary>
    internal void Interrupt()
    {
        Interrupts++;
        _host.Interrupt(this);
    }

    private void RequestIn()
    {
        if (_in.Request())
            _worker.Post(() => Go(Step.Mask, 0));
    }

    private void RequestOut()
    {
        if (_out.Request())
            _worker.Post(() => Go(Step.Write, 0));
    }

    private void Enqueue(OutgoingPacket packet)
    {
        lock (_queue)
            _queue.Enqueue(packet);
        RequestOut();
    }

    private void Go(Step step, uint before)
    {
        lock (_gate)
        {
            do
            {
                if (_isClosed || Failure is not null)
                    return;
                step = Do(step, ref before);
            }
            while (step != Step.Done && !_host.Options.StepsSingly);
        }

        if (step != Step.Done)
            _worker.Post(() => Go(step, before));
    }

    private Step Do(Step step, ref uint before)
    {
        switch (step)
        {
            case Step.Mask:
                _reader.IsMasked = true;
                Interlocked.MemoryBarrier();
                return Step.Read;
            case Step.Read:
                return Read();
            case Step.Unmask:
                _reader.IsMasked = false;
                Interlocked.MemoryBarrier();
                return Step.LookAgain;
            case Step.LookAgain:
                return _reader.HasPacket || !_in.TryFinish() ? Step.Mask : Step.Done;
            case Step.Write:
                return Write(isLastTry: false, out before);
            case Step.Announce:
                return Write(isLastTry: true, out before);
            case Step.Signal:
                if (_writer.WantsSignal(before))
                    Interrupt();
                return Step.Write;
            default:
                return Step.Done;
        }
    }

    private Step Read()
    {
        var packet = _reader.TryRead(out var signal);
        if (_reader.Violation is { } violation)
        {
            Fail("the ring is broken: " + violation);
            return Step.Done;
        }

        if (packet is null)
            return Step.Unmask;
        Received++;
        _host.Trace.Add(TraceKind.PacketFromGuest, Channel.RelId.Value, $"{packet.Type} id {packet.TransactionId:x}{Completion(packet.Flags)}", packet.Payload);
        if (signal)
            Interrupt();
        _host.CountStep(Channel, isOnWorker: true);
        Channel.Provider.Receive(this, new ChannelPacket(packet, _host.Transport.Memory, Report));
        return Step.Read;
    }

    private Step Write(bool isLastTry, out uint before)
    {
        before = 0;
        OutgoingPacket? packet;
        lock (_queue)
        {
            if (!_queue.TryPeek(out packet))
                return _out.TryFinish() ? Step.Done : Step.Write;
        }

        var bytes = HostRingWriter.Encode(packet.Type, packet.Flags, packet.TransactionId, packet.Descriptor, packet.Payload, _writer.Index);
        if (bytes.Length >= _inbound.Size)
        {
            lock (_queue)
                _queue.Dequeue();
            _host.Trace.Add(TraceKind.Note, Channel.RelId.Value, $"a packet of {bytes.Length} bytes never fits and is dropped");
            return Step.Write;
        }

        if (_writer.Fits(bytes.Length) && _host.Faults.Next(Channel.Offer.ClassId) is { } fault)
        {
            lock (_queue)
                _queue.Dequeue();
            Sent++;
            _host.Trace.Add(TraceKind.Fault, Channel.RelId.Value, $"{packet.Type} id {packet.TransactionId:x}: {fault}", packet.Payload);
            return WriteSpoilt(fault, packet, bytes, out before);
        }

        if (!_writer.TryPublish(bytes, out before))
        {
            if (!isLastTry)
            {
                _writer.Announce(bytes.Length);
                return Step.Announce;
            }

            // The guest signals once it has made room.
            return _out.TryFinish() ? Step.Done : Step.Write;
        }

        lock (_queue)
            _queue.Dequeue();
        Sent++;
        _host.Trace.Add(TraceKind.PacketToGuest, Channel.RelId.Value, $"{packet.Type} id {packet.TransactionId:x}{Completion(packet.Flags)}", packet.Payload);
        _host.CountStep(Channel, isOnWorker: true);
        return Step.Signal;
    }

    private static string Completion(PacketFlags flags) => (flags & PacketFlags.CompletionRequested) != 0 ? " completion requested" : "";
}
