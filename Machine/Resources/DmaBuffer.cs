using System.Buffers;

namespace GuestOS.Machine;

/// <summary>
/// A piece of physically contiguous memory shared with a device. Its <see cref="MemoryManager{T}.Memory"/> can be passed
/// wherever memory is taken; <see cref="IDmaMemory.TryMap"/> recognises it and never copies.
/// Dispose it only when no device uses it any more.
/// </summary>
public abstract class DmaBuffer : MemoryManager<byte>
{
    /// <summary>Guest-physical address of the first byte.</summary>
    public abstract PhysicalAddress PhysicalAddress { get; }

    /// <summary>Size in bytes, as asked for.</summary>
    public abstract int Length { get; }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => ((IDisposable)this).Dispose();
}
