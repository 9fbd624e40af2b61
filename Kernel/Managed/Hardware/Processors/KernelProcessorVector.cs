using System.Globalization;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Hardware;

/// <summary>One vector, with a thread on every processor that is bound to it and runs before normal ones.</summary>
internal sealed class KernelProcessorVector : IProcessorVector
{
    private readonly IProcessorControl _control;
    private readonly KernelProcessors _processors;
    private readonly ILog _log;
    private readonly string _name;
    private readonly VectorHandler _handler;
    private readonly Thread[] _threads;
    private int _isDisposed;

    public KernelProcessorVector(
        IProcessorControl control, KernelProcessors processors, ILog log, string name, byte vector, VectorHandler handler)
    {
        _control = control;
        _processors = processors;
        _log = log;
        _name = name;
        _handler = handler;
        Vector = vector;
        _threads = new Thread[control.Count];
        for (int i = 0; i < _threads.Length; i++)
        {
            int processor = i;
            _threads[i] = new Thread(() => Serve(processor))
            {
                IsBackground = true,
                Name = string.Create(CultureInfo.InvariantCulture, $"{name}/{processor}"),
            };
            _threads[i].Start();
        }
    }

    public byte Vector { get; }

    /// <summary>Frees the vector. When this returns, no handler runs any more, unless it is a handler that calls.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _control.CloseVector(Vector);
        foreach (Thread thread in _threads)
        {
            if (thread != Thread.CurrentThread)
                thread.Join();
        }
    }

    private void Serve(int processor)
    {
        try
        {
            _processors.BindThread(processor);
            _control.RaiseThreadPriority();
            while (_control.WaitForVector(Vector) > 0)
                _handler(processor);
        }
        catch (Exception exception)
        {
            // A thread of the kernel must not end the machine because one handler failed.
            _log.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"{_name}: the handler of vector 0x{Vector:x2} failed on processor {processor} and is not called there any more: {exception}"));
        }
    }
}
