using GuestOS.Kernel.Network.Paths;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>A program that receives, and looks only when the test tells it to, so that it runs on no thread of its own.</summary>
internal sealed class NicReceiver
{
    private readonly MultipathNic _nic;
    private readonly Frame[] _batch = new Frame[16];
    private ValueTask<int> _wait;
    private bool _isWaiting;

    public NicReceiver(MultipathNic nic) => _nic = nic;

    /// <summary>There will be no more frames.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Numbers of the frames that have come since it last looked.</summary>
    public List<int> Take()
    {
        var numbers = new List<int>();
        while (!HasEnded)
        {
            if (!_isWaiting)
                _wait = _nic.ReceiveAsync(_batch);
            _isWaiting = !_wait.IsCompleted;
            if (_isWaiting)
                break;
            int count = _wait.Result;
            HasEnded = count == 0;
            foreach (Frame frame in _batch.AsSpan(0, count))
            {
                numbers.Add(NicMachine.NumberOf(frame.Data));
                frame.Release();
            }
        }

        return numbers;
    }
}
