using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Hardware;

/// <summary>Hands out vectors of the local APICs.</summary>
internal sealed class KernelProcessorVectors : IProcessorVectors
{
    private readonly IProcessorControl _control;
    private readonly KernelProcessors _processors;
    private readonly ILog _log;

    public KernelProcessorVectors(IProcessorControl control, KernelProcessors processors, ILog log)
    {
        _control = control;
        _processors = processors;
        _log = log;
    }

    public IProcessorVector Allocate(string name, VectorHandler handler, bool endsItself)
    {
        ArgumentNullException.ThrowIfNull(handler);
        byte vector;
        try
        {
            vector = _control.OpenVector(endsItself);
        }
        catch (KernelCallException exception)
        {
            throw new InvalidOperationException($"{name}: no interrupt vector: {exception.Message}", exception);
        }

        return new KernelProcessorVector(_control, _processors, _log, name, vector, handler);
    }
}
