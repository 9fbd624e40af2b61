using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Hardware;

/// <summary>
/// Runs code on a given processor by binding the calling thread to it. A thread that is bound there already, as those of interrupt
/// vectors are, runs it without entering the kernel.
/// </summary>
internal sealed class KernelProcessors : IProcessors
{
    private readonly IProcessorControl _control;

    /// <summary>Processor that the thread is bound to, plus 1; 0 when it is not.</summary>
    [ThreadStatic]
    private static int t_bound;

    public KernelProcessors(IProcessorControl control) => _control = control;

    public int Count => _control.Count;

    public int Current => _control.Current;

    public void Run(int processor, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)processor, (uint)Count, nameof(processor));
        int before = t_bound;
        if (before == processor + 1)
        {
            action();
            return;
        }

        ulong mask = _control.ExchangeAffinity(1UL << processor);
        t_bound = processor + 1;
        try
        {
            action();
        }
        finally
        {
            t_bound = before;
            _control.ExchangeAffinity(mask);
        }
    }

    /// <summary>Binds the calling thread for the rest of its life.</summary>
    public void BindThread(int processor)
    {
        _control.ExchangeAffinity(1UL << processor);
        t_bound = processor + 1;
    }
}
