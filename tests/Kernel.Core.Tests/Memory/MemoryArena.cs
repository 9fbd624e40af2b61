using GuestOS.Testing;

namespace GuestOS.Kernel.Core.Tests;

/// <summary>Real memory that the allocator manages, from a 32 MiB boundary on; physical addresses are the process's own.</summary>
internal sealed unsafe class MemoryArena : IDisposable
{
    public const ulong MiB = 1 << 20;

    private readonly GuardedMemory _memory;
    private readonly GuardedMemory _states;

    /// <param name="megabytes">Memory that can be given to the allocator.</param>
    public MemoryArena(int megabytes)
    {
        Length = (ulong)megabytes * MiB;
        KernelState.Reset(typeof(PhysicalMemory));
        KernelState.Reset(typeof(HotAddedMemory));
        KernelState.Reset(typeof(PageStates));
        KernelState.Reset(typeof(BootInfo));
        _memory = new GuardedMemory((megabytes + 32) << 20);
        Start = (_memory.Address + (32 * MiB) - 1) & ~((32 * MiB) - 1);
        _states = new GuardedMemory((int)PageStates.Size(0, End));
        PhysicalMemory.Initialize(_states.Start, End);
    }

    public ulong Start { get; }

    public ulong Length { get; }

    public ulong End => Start + Length;

    /// <summary>Everything is usable.</summary>
    public static MemoryArena Filled(int megabytes)
    {
        var arena = new MemoryArena(megabytes);
        PhysicalMemory.Add(arena.Start, arena.End);
        return arena;
    }

    public void Dispose()
    {
        _memory.Dispose();
        _states.Dispose();
    }
}
