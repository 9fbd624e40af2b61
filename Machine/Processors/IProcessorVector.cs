namespace GuestOS.Machine.Processors;

/// <summary>Runs on the vector's own thread of that processor, one call at a time per processor; must not block or await.</summary>
/// <param name="processor">Where the interrupt came in.</param>
public delegate void VectorHandler(int processor);

/// <summary>An interrupt vector of the local APICs, the same on every processor. Disposing frees it; its source must be silent by then.</summary>
public interface IProcessorVector : IDisposable
{
    /// <summary>The vector, 16 to 255.</summary>
    byte Vector { get; }
}
