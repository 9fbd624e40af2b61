using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The low-level kernel's processors, as <see cref="KernelProcessors"/> and <see cref="KernelProcessorVectors"/> use them.</summary>
internal interface IProcessorControl
{
    /// <summary>Processors that run threads, 1 to 64.</summary>
    int Count { get; }

    /// <summary>The processor that runs the caller at this moment.</summary>
    int Current { get; }

    /// <summary>Lets the calling thread run on these processors only; when it returns, it runs on one of them.</summary>
    /// <returns>Where it might run before.</returns>
    ulong ExchangeAffinity(ulong mask);

    /// <summary>Lets the calling thread run before normal ones.</summary>
    void RaiseThreadPriority();

    /// <summary>Takes a vector on all processors.</summary>
    /// <exception cref="KernelCallException">There are no local APICs, or no vector is left.</exception>
    byte OpenVector(bool endsItself);

    /// <summary>Blocks until the vector has come in on the caller's processor, and says how often; 0 after <see cref="CloseVector"/>.</summary>
    long WaitForVector(byte vector);

    /// <summary>Frees the vector; its waiters come back.</summary>
    void CloseVector(byte vector);
}
