using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Kernel.Core;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>Memory for devices: contiguous buffers, and the caller's own memory where the device can reach it.</summary>
internal sealed unsafe class DmaMemory : IDmaMemory
{
    /// <summary>Pieces that are translated on the stack; more are rented.</summary>
    private const int StackPieces = 64;

    private readonly IDmaBackend _backend;

    public DmaMemory(IDmaBackend backend) => _backend = backend;

    public DmaBuffer Allocate(int length, in DmaConstraints constraints)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Validate(constraints);
        nuint address = _backend.Allocate(length, constraints);
        if (address == 0)
        {
#pragma warning disable CA2201 // The machine boundary promises this exception.
            throw new OutOfMemoryException(string.Create(
                CultureInfo.InvariantCulture,
                $"No contiguous {length} bytes of device memory at or below 0x{constraints.HighestAddress:x}, alignment {constraints.Alignment}, boundary 0x{constraints.Boundary:x}."));
#pragma warning restore CA2201
        }

        return new KernelDmaBuffer(_backend, address, length);
    }

    public bool TryMap(ReadOnlyMemory<byte> memory, in DmaConstraints constraints, Span<DmaSegment> segments, out int count, out MemoryHandle pin)
    {
        Validate(constraints);
        if (memory.IsEmpty)
            throw new ArgumentException("There is nothing to map.", nameof(memory));
        count = 0;
        pin = default;
        if (segments.IsEmpty)
            return false;

        if (MemoryMarshal.TryGetMemoryManager<byte, KernelDmaBuffer>(memory, out KernelDmaBuffer? buffer, out int start, out int length))
        {
            return TryAppend(segments, ref count, buffer.PhysicalAddress.Value + (ulong)start, (ulong)length, constraints)
                || Reset(out count);
        }

        MemoryHandle handle = memory.Pin();
        if (TryTranslate((nuint)handle.Pointer, memory.Length, constraints, segments, out count))
        {
            pin = handle;
            return true;
        }

        handle.Dispose();
        return Reset(out count);
    }

    // The processor keeps stores to write-back memory in order, and loads (Intel SDM 3A, 9.2.2). What is left is the compiler, which moves
    // no access across a call that it does not see into.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void WriteBarrier()
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReadBarrier()
    {
    }

    public void FullBarrier() => Interlocked.MemoryBarrier();

    private static bool Reset(out int count)
    {
        count = 0;
        return false;
    }

    private static void Validate(in DmaConstraints constraints)
    {
        if (!BitOperations.IsPow2(constraints.Alignment)
            || (constraints.Boundary != 0 && !BitOperations.IsPow2(constraints.Boundary))
            || constraints.LongestSegment < constraints.Alignment)
        {
            throw new ArgumentException($"These constraints cannot be met by anything: {constraints}.", nameof(constraints));
        }
    }

    private bool TryTranslate(nuint address, int length, in DmaConstraints constraints, Span<DmaSegment> segments, out int count)
    {
        count = 0;
        Segment[]? rented = segments.Length > StackPieces ? ArrayPool<Segment>.Shared.Rent(segments.Length) : null;
        Span<Segment> pieces = rented is null ? stackalloc Segment[StackPieces] : rented;
        bool isMapped = _backend.TryTranslate(address, length, pieces[..segments.Length], out int found);
        for (int i = 0; isMapped && i < found; i++)
            isMapped = TryAppend(segments, ref count, pieces[i].Address, pieces[i].Length, constraints);
        if (rented is not null)
            ArrayPool<Segment>.Shared.Return(rented);
        return isMapped;
    }

    /// <summary>Adds a contiguous piece: joined to the one before where that is allowed, cut at boundaries and at the longest length.</summary>
    private static bool TryAppend(Span<DmaSegment> segments, ref int count, ulong address, ulong length, in DmaConstraints constraints)
    {
        ulong last = address + (length - 1);
        if (last < address || last > constraints.HighestAddress || ((address | length) & (ulong)(constraints.Alignment - 1)) != 0)
            return false;

        // A cut must leave aligned pieces, so the longest is rounded down to the alignment.
        ulong longest = (ulong)constraints.LongestSegment & ~(ulong)(constraints.Alignment - 1);
        while (length > 0)
        {
            if (count > 0 && segments[count - 1] is var previous && previous.Address.Value + (ulong)previous.Length == address)
            {
                ulong room = Math.Min(longest - (ulong)previous.Length, RoomToBoundary(address, constraints.Boundary, atBoundary: 0));
                ulong joined = Math.Min(room, length);
                if (joined > 0)
                {
                    segments[count - 1] = previous with { Length = previous.Length + (int)joined };
                    address += joined;
                    length -= joined;
                    continue;
                }
            }

            if (count == segments.Length)
                return false;
            ulong part = Math.Min(Math.Min(longest, length), RoomToBoundary(address, constraints.Boundary, constraints.Boundary));
            segments[count++] = new DmaSegment(new PhysicalAddress(address), (int)part);
            address += part;
            length -= part;
        }

        return true;
    }

    /// <summary>Bytes up to the next boundary; <paramref name="atBoundary"/> when the address lies on one.</summary>
    private static ulong RoomToBoundary(ulong address, ulong boundary, ulong atBoundary)
    {
        if (boundary == 0)
            return ulong.MaxValue;
        ulong used = address & (boundary - 1);
        return used == 0 ? atBoundary : boundary - used;
    }
}
