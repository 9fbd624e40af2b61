using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Drivers;

/// <summary>
/// A thread that waits in the low-level kernel for its time or to be woken, without the runtime's timers and thread pool. LOCKING: the
/// monitor for the flag; no work runs under it.
/// </summary>
internal sealed class WorkThread : IWorkThread
{
    private readonly object _monitor = new();
    private readonly string _name;
    private readonly Func<TimeSpan?> _work;
    private readonly ILog _log;
    private bool _isWoken;

    public WorkThread(string name, Func<TimeSpan?> work, ILog log)
    {
        _name = name;
        _work = work;
        _log = log;
        new Thread(Serve) { IsBackground = true, Name = name }.Start();
    }

    public void Wake()
    {
        lock (_monitor)
        {
            _isWoken = true;
            Monitor.Pulse(_monitor);
        }
    }

    private void Serve()
    {
        try
        {
            while (_work() is { } time)
                Wait(time);
        }
        catch (Exception exception)
        {
            // A thread of the kernel must not end the machine because one device's work failed.
            _log.Error($"{_name}: the thread ends: {exception}");
        }
    }

    private void Wait(TimeSpan time)
    {
        lock (_monitor)
        {
            // One wait: when it ends early, the work finds nothing due and says how much is left.
            if (!_isWoken && time != TimeSpan.Zero)
                Monitor.Wait(_monitor, Milliseconds(time));
            _isWoken = false;
        }
    }

    /// <summary>Rounded up: a wait that ends before its time costs a second one.</summary>
    private static int Milliseconds(TimeSpan time) =>
        time < TimeSpan.Zero ? Timeout.Infinite : (int)Math.Min(Math.Ceiling(time.TotalMilliseconds), int.MaxValue);
}
