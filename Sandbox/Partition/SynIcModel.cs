using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.Partition;

/// <summary>
/// The synthetic interrupt controller of one processor. A message waits until its slot is empty and, once it waited, until the guest
/// writes EOM or another message comes: a guest that breaks the EOM rule loses it.
/// </summary>
public sealed class SynIcModel : IDisposable
{
    private const int Sources = 16;
    private readonly SimulatedPartition _partition;
    private readonly VirtualProcessor _processor;
    private readonly Lock _gate = new();
    private readonly SintRegister[] _sints = [.. Enumerable.Repeat(SintRegister.Reset, Sources)];
    private readonly Queue<(uint Type, ulong Origin, byte[] Payload)>[] _queues = [.. Enumerable.Range(0, Sources).Select(_ => new Queue<(uint, ulong, byte[])>())];
    private SharedPages? _messages;
    private SharedPages? _events;

    internal SynIcModel(SimulatedPartition partition, VirtualProcessor processor)
    {
        _partition = partition;
        _processor = processor;
    }

    /// <summary>SCONTROL.</summary>
    public ulong Control { get; private set; }

    /// <summary>SIMP.</summary>
    public ulong MessagePage { get; private set; }

    /// <summary>SIEFP.</summary>
    public ulong EventPage { get; private set; }

    /// <summary>Registers that were written, in order: "SIMP", "SIEFP", "SINT2", "SCONTROL".</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Writes of EOM.</summary>
    public int EndsOfMessage { get; private set; }

    /// <summary>Messages that wait.</summary>
    public int Queued => _queues.Sum(queue => queue.Count);

    /// <summary>SINTn.</summary>
    public SintRegister Sint(int index) => _sints[index];

    /// <summary>A message for the guest. False when the queue is full.</summary>
    /// <param name="sint">0 to 15.</param>
    /// <param name="type">Message type.</param>
    /// <param name="origin">Port.</param>
    /// <param name="payload">At most 240 bytes.</param>
    public bool TryPost(int sint, uint type, ulong origin, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_queues[sint].Count >= _partition.Options.MostQueuedMessages)
                return false;
            _queues[sint].Enqueue((type, origin, payload.ToArray()));
            Deliver(sint);
            return true;
        }
    }

    /// <summary>Bytes straight into a slot, whatever is there, and an interrupt: a hypervisor that breaks its rules.</summary>
    public void WriteSlot(int sint, ReadOnlySpan<byte> slot)
    {
        lock (_gate)
        {
            _messages?.Write(sint * SynIcMessage.Size, slot);
            Raise(sint);
        }
    }

    /// <summary>Sets an event flag. False when the guest has no event page.</summary>
    public bool TrySignal(int sint, uint flag)
    {
        lock (_gate)
        {
            if (_events is null || (Control & 1) == 0)
                return false;
            ref var word = ref _events.Word((sint * 256) + ((int)(flag / 32) * 4));
            var bit = 1u << (int)(flag % 32);
            if ((Interlocked.Or(ref word, bit) & bit) == 0)
                Raise(sint);
            return true;
        }
    }

    /// <summary>Raises a SINT, with neither a message nor a flag.</summary>
    public void Interrupt(int sint)
    {
        lock (_gate)
            Raise(sint);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _messages?.Dispose();
        _events?.Dispose();
    }

    internal ulong Read(uint register) => register switch
    {
        Msr.SControl => Control,
        Msr.SVersion => 1,
        Msr.Siefp => EventPage,
        Msr.Simp => MessagePage,
        Msr.Eom => 0,
        _ => _sints[register - Msr.Sint0].Value,
    };

    internal bool TryWrite(uint register, ulong value)
    {
        lock (_gate)
        {
            switch (register)
            {
                case Msr.SControl:
                    Writes.Add("SCONTROL");
                    Control = value;
                    DeliverAll();
                    return true;
                case Msr.Siefp:
                    Writes.Add("SIEFP");
                    EventPage = value;
                    Share(ref _events, value);
                    return true;
                case Msr.Simp:
                    Writes.Add("SIMP");
                    MessagePage = value;
                    Share(ref _messages, value);
                    DeliverAll();
                    return true;
                case Msr.Eom:
                    EndsOfMessage++;
                    DeliverAll();
                    return true;
                case Msr.SVersion:
                    return false;
                default:
                    var sint = (int)(register - Msr.Sint0);
                    var next = new SintRegister(value);
                    if (!next.IsMasked && next.Vector < 16)
                        return false;
                    Writes.Add($"SINT{sint}");
                    _sints[sint] = next;
                    Deliver(sint);
                    return true;
            }
        }
    }

    private void Share(ref SharedPages? pages, ulong register)
    {
        pages?.Dispose();
        pages = (register & 1) != 0 ? SharedPages.TryOpen(_partition.Memory, [register >> 12]) : null;
    }

    private void DeliverAll()
    {
        for (var sint = 0; sint < Sources; sint++)
            Deliver(sint);
    }

    private void Deliver(int sint)
    {
        if (_messages is null || (Control & 1) == 0 || _sints[sint].IsMasked || _queues[sint].Count == 0)
            return;
        var at = sint * SynIcMessage.Size;
        if (Volatile.Read(ref _messages.Word(at)) != 0)
        {
            // The pending flag tells the guest that it must write EOM.
            _messages.Write(at + 5, [SynIcMessage.Pending]);
            return;
        }

        var (type, origin, payload) = _queues[sint].Dequeue();
        _messages.Write(at + 4, [(byte)payload.Length, _queues[sint].Count > 0 ? SynIcMessage.Pending : (byte)0, 0, 0]);
        _messages.Write(at + 8, BitConverter.GetBytes(origin));
        _messages.Write(at + 16, payload);
        Volatile.Write(ref _messages.Word(at), type);
        Raise(sint);
    }

    private void Raise(int sint)
    {
        if (_sints[sint] is { IsMasked: false, IsPolling: false } register)
            _processor.Raise(register.Vector);
    }
}
