using System.Collections.Concurrent;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Interrupts that a test raises; a wait unmasks, as on the machine.</summary>
internal sealed class FakeInterruptController : IInterruptController
{
    private readonly ConcurrentDictionary<uint, Line> _lines = new();
    private uint _lastHandle;

    public bool HasMessages { get; set; } = true;

    public List<(int Number, InterruptFlags Flags)> Opened { get; } = [];

    public int OpenCount => _lines.Values.Count(line => !line.IsClosed);

    public uint OpenLine(int number, InterruptFlags flags)
    {
        lock (Opened)
            Opened.Add((number, flags));
        return Add();
    }

    public uint OpenMessage(out ulong address, out uint data)
    {
        if (!HasMessages)
            throw new KernelCallException(KernelCall.InterruptOpenMessage, 38);
        uint handle = Add();
        address = 0xFEE0_0000;
        data = 0x50 + handle;
        return handle;
    }

    public long Wait(uint handle) => _lines[handle].Wait();

    public void Close(uint handle) => _lines[handle].Close();

    public void RaiseThreadPriority() => Interlocked.Increment(ref _raised);

    private int _raised;

    public int RaisedThreads => Volatile.Read(ref _raised);

    /// <summary>Raises the interrupt; it stays pending until it is waited for.</summary>
    public void Raise(uint handle) => _lines[handle].Raise();

    /// <summary>Blocks until a thread waits for the interrupt with nothing pending.</summary>
    public void WaitUntilIdle(uint handle) => _lines[handle].WaitUntilIdle();

    public bool IsClosed(uint handle) => _lines[handle].IsClosed;

    /// <summary>Raises the interrupt again and again, whatever is done about it.</summary>
    public void Storm(uint handle) => _lines[handle].Storm();

    private uint Add()
    {
        uint handle = Interlocked.Increment(ref _lastHandle);
        _lines[handle] = new Line();
        return handle;
    }

    private sealed class Line
    {
        private readonly object _monitor = new();
        private long _pending;
        private bool _isWaiting;
        private bool _isStorm;

        public bool IsClosed { get; private set; }

        public long Wait()
        {
            lock (_monitor)
            {
                while (_pending == 0 && !_isStorm && !IsClosed)
                {
                    _isWaiting = true;
                    Monitor.PulseAll(_monitor);
                    Monitor.Wait(_monitor);
                }

                _isWaiting = false;
                long count = IsClosed ? 0 : Math.Max(_pending, 1);
                _pending = 0;
                return count;
            }
        }

        public void Raise()
        {
            lock (_monitor)
            {
                _pending++;
                _isWaiting = false;
                Monitor.PulseAll(_monitor);
            }
        }

        public void Storm()
        {
            lock (_monitor)
            {
                _isStorm = true;
                Monitor.PulseAll(_monitor);
            }
        }

        public void Close()
        {
            lock (_monitor)
            {
                IsClosed = true;
                Monitor.PulseAll(_monitor);
            }
        }

        public void WaitUntilIdle()
        {
            lock (_monitor)
            {
                while (!_isWaiting)
                    Monitor.Wait(_monitor);
            }
        }
    }
}
