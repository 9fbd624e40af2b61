using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>
/// Copies of messages on their way from the vector threads to the pump. When it is full, messages stay in the hypervisor's queue until the
/// pump has made room: a host that floods the guest waits, and nothing is lost.
/// </summary>
internal sealed class MessageInbox
{
    public const int Capacity = 128;

    private readonly Lock _gate = new();
    private readonly SynIcMessage[] _ring = new SynIcMessage[Capacity];
    private readonly bool[] _isStalled;
    private SynIc? _synic;
    private int _first;
    private int _count;

    public MessageInbox(int processors) => _isStalled = new bool[processors];

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _count == 0;
        }
    }

    public void Attach(SynIc synic)
    {
        lock (_gate)
            _synic = synic;
    }

    /// <summary>Takes what waits for a processor. True when there is something for the pump.</summary>
    public bool Pull(int processor)
    {
        lock (_gate)
        {
            PullLocked(processor);
            return _count > 0;
        }
    }

    public bool TryTake(ref SynIcMessage message)
    {
        lock (_gate)
        {
            if (_count == 0)
                return false;
            message = _ring[_first];
            _first = (_first + 1) % Capacity;
            _count--;
            for (var processor = 0; _count <= Capacity / 2 && processor < _isStalled.Length; processor++)
            {
                if (_isStalled[processor])
                    PullLocked(processor);
            }

            return true;
        }
    }

    private void PullLocked(int processor)
    {
        while (_synic is not null)
        {
            _isStalled[processor] = _count == Capacity;
            if (_isStalled[processor] || !_synic.TryTakeMessage(processor, Sint.VmBus, ref _ring[(_first + _count) % Capacity]))
                return;
            _count++;
        }
    }
}
