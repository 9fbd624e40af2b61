namespace GuestOS.Machine.Processors;

/// <summary>Hands out interrupt vectors of the local APICs.</summary>
public interface IProcessorVectors
{
    /// <summary>Takes a free vector.</summary>
    /// <param name="name">For the console.</param>
    /// <param name="handler">What it runs.</param>
    /// <param name="endsItself">True when the source ends the interrupt in the APIC by itself (AutoEOI): the kernel then writes no EOI.</param>
    /// <exception cref="InvalidOperationException">No vector is free.</exception>
    IProcessorVector Allocate(string name, VectorHandler handler, bool endsItself);
}
