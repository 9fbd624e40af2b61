using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>Calls to others in the order in which they were asked for, one at a time, on a thread of the executor. What they throw is logged.</summary>
internal sealed class Notifier : IThreadPoolWorkItem
{
    private readonly IExecutor _executor;
    private readonly ILog _log;
    private readonly Lock _gate = new();
    private readonly Queue<Action> _calls = new();
    private bool _isPosted;

    public Notifier(IExecutor executor, ILog log)
    {
        _executor = executor;
        _log = log;
    }

    public void Post(Action call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            if (_isPosted)
                return;
            _isPosted = true;
        }

        _executor.Post(this);
    }

    public void Execute()
    {
        while (true)
        {
            Action? call;
            lock (_gate)
            {
                if (!_calls.TryDequeue(out call))
                {
                    _isPosted = false;
                    return;
                }
            }

            try
            {
                call();
            }
            catch (Exception e)
            {
                _log.Error($"an observer of VMBus threw {e}");
            }
        }
    }
}
