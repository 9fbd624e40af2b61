using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The real processors.</summary>
internal sealed unsafe class KernelProcessorControl : IProcessorControl
{
    private const ulong InterruptPriority = 1;

    /// <param name="count">Processors that run threads.</param>
    public KernelProcessorControl(int count) => Count = count;

    public int Count { get; }

    public int Current => KernelEntry.ProcessorIndex();

    public ulong ExchangeAffinity(ulong mask)
    {
        ulong previous = 0;
        KernelEntry.Require(KernelCall.ThreadAffinity, mask, (ulong)&previous);
        return previous;
    }

    public void RaiseThreadPriority() => KernelEntry.Require(KernelCall.ThreadPriority, InterruptPriority);

    public byte OpenVector(bool endsItself) => (byte)KernelEntry.Require(KernelCall.VectorOpen, endsItself ? 1UL : 0);

    public long WaitForVector(byte vector)
    {
        long result = KernelEntry.Call(KernelCall.VectorWait, vector);
        // A waiter that comes after the vector was closed finds none any more.
        if (result is -Errno.Cancelled or -Errno.BadHandle)
            return 0;
        return result >= 0 ? result : throw new KernelCallException(KernelCall.VectorWait, (int)-result);
    }

    public void CloseVector(byte vector) => KernelEntry.Require(KernelCall.VectorClose, vector);
}
