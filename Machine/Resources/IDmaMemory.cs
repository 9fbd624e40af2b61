using System.Buffers;

namespace GuestOS.Machine;

/// <summary>Memory that devices and the hypervisor read and write.</summary>
public interface IDmaMemory
{
    /// <summary>Allocates zeroed, physically contiguous, cache-coherent memory that never moves.</summary>
    /// <param name="length">Size in bytes, above zero; rounded up to whole pages.</param>
    /// <param name="constraints">Where it may lie; a boundary is obeyed by the whole buffer.</param>
    /// <exception cref="OutOfMemoryException">No such piece is free; the message names size and constraints.</exception>
    DmaBuffer Allocate(int length, in DmaConstraints constraints);

    /// <summary>
    /// Pins <paramref name="memory"/> and describes where it lies in guest-physical memory, so that a device can transfer
    /// straight into the caller's buffer. Returns false, with nothing pinned, when some piece breaks the constraints or when
    /// there are more pieces than <paramref name="segments"/> holds: the caller then copies through a buffer of its own.
    /// </summary>
    /// <param name="memory">What the device shall read or write; not empty.</param>
    /// <param name="constraints">What the device can address.</param>
    /// <param name="segments">Receives the pieces in order; neighbours are merged as far as the constraints allow.</param>
    /// <param name="count">How many of <paramref name="segments"/> are used.</param>
    /// <param name="pin">Dispose it when the device is done with the memory.</param>
    bool TryMap(ReadOnlyMemory<byte> memory, in DmaConstraints constraints, Span<DmaSegment> segments, out int count, out MemoryHandle pin);

    /// <summary>Orders earlier writes to shared memory before later ones, as another processor or a device sees them.</summary>
    void WriteBarrier();

    /// <summary>Orders earlier reads of shared memory before later ones.</summary>
    void ReadBarrier();

    /// <summary>Orders every earlier access before every later one.</summary>
    void FullBarrier();
}
