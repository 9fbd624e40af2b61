using System.Globalization;
using GuestOS.Kernel.Core;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>
/// An open interrupt and the thread that serves it. The thread starts with the first handler. While no handler is connected it does not
/// wait on the interrupt, so a level-triggered line stays masked.
/// </summary>
internal sealed class InterruptLine
{
    /// <summary>Interrupts in a row that no handler claims before the line is given up: a device that nobody serves would hold the processor for ever.</summary>
    internal const int UnclaimedLimit = 10_000;

    private readonly IInterruptController _controller;
    private readonly uint _handle;
    private readonly ILog _log;
    private readonly object _monitor = new();
    private InterruptGrant[] _grants = [];
    private Thread? _thread;
    private bool _isClosed;

    public InterruptLine(IInterruptController controller, uint handle, string name, InterruptFlags flags, ILog log)
    {
        _controller = controller;
        _handle = handle;
        _log = log;
        Name = name;
        Flags = flags;
    }

    public string Name { get; }

    public InterruptFlags Flags { get; }

    /// <summary>Grants that share it; guarded by the dispatcher's lock.</summary>
    public int GrantCount { get; set; }

    public void Add(InterruptGrant grant)
    {
        lock (_monitor)
        {
            _grants = [.. _grants, grant];
            if (_thread is null)
            {
                _thread = new Thread(Serve) { IsBackground = true, Name = Name };
                _thread.Start();
            }

            Monitor.PulseAll(_monitor);
        }
    }

    public void Remove(InterruptGrant grant)
    {
        lock (_monitor)
            _grants = Array.FindAll(_grants, other => other != grant);
    }

    /// <summary>Masks the interrupt for good and ends the thread. The thread may be the caller's own.</summary>
    public void Close()
    {
        lock (_monitor)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            Monitor.PulseAll(_monitor);
        }

        _controller.Close(_handle);
    }

    private void Serve()
    {
        try
        {
            _controller.RaiseThreadPriority();
            int unclaimed = 0;
            // The second look: handlers may have been disconnected while the thread waited, and what came is then for the next one.
            while (WaitForHandler() && _controller.Wait(_handle) > 0 && WaitForHandler())
            {
                unclaimed = Dispatch() ? 0 : unclaimed + 1;
                if (unclaimed == UnclaimedLimit)
                {
                    _log.Error(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{Name}: {UnclaimedLimit} interrupts in a row that no driver claims; it is switched off. Drivers on it must poll."));
                    Close();
                }
            }
        }
        catch (Exception exception)
        {
            // A thread of the kernel must not end the machine because one line is unusable.
            _log.Error($"{Name}: the interrupt thread failed: {exception}");
            Close();
        }
    }

    private bool WaitForHandler()
    {
        lock (_monitor)
        {
            while (_grants.Length == 0 && !_isClosed)
                Monitor.Wait(_monitor);
            return !_isClosed;
        }
    }

    private bool Dispatch()
    {
        InterruptGrant[] grants;
        lock (_monitor)
            grants = _grants;
        bool isClaimed = false;
        foreach (InterruptGrant grant in grants)
            isClaimed |= grant.Run(_log) == InterruptResult.Handled;
        return isClaimed;
    }
}
