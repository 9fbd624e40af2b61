using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using GuestOS.Machine;

namespace GuestOS.Sandbox.Memory;

/// <summary>
/// Guest-physical memory of a simulated machine. Programs get buffers whose pages may lie anywhere; devices reach memory by physical
/// address only, and every access to memory that no device may touch at that moment is refused and noted in <see cref="Violations"/>.
/// </summary>
public sealed class SimulatedMemory : IDmaMemory, IGuestMemory
{
    /// <summary>Bytes in a page.</summary>
    public const int PageSize = 4096;

    private const ulong FirstFrame = 0x100;
    private const ulong FirstHighFrame = 0x10_0000;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, (MemoryRegion Region, int Page)> _pages = [];
    private readonly Random _random;
    private readonly PinnedArrays? _arrays;
    private ulong _nextFrame = FirstFrame;
    private ulong _nextHighFrame = FirstHighFrame;

    /// <param name="random">Where scattered pages go.</param>
    /// <param name="arrays">What it is made of; null: it allocates.</param>
    public SimulatedMemory(Random random, PinnedArrays? arrays = null)
    {
        _random = random;
        _arrays = arrays;
    }

    /// <summary>What devices did to memory that was not theirs.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>Says no to every <see cref="TryMap"/>: drivers must bounce.</summary>
    public bool RefuseMapping { get; set; }

    /// <summary>How often <see cref="Allocate"/> succeeds before it throws; null: always.</summary>
    public int? AllocationsLeft { get; set; }

    /// <summary>
    /// Runs in every barrier of the guest. Barriers stand between the guest's accesses to shared memory, so whoever is on the other side
    /// of it can act here, between any two of them.
    /// </summary>
    public Action? AtBarrier { get; set; }

    /// <summary>Pages that are allocated.</summary>
    public int PageCount
    {
        get
        {
            lock (_gate)
                return _pages.Count;
        }
    }

    /// <summary>Memory of a program.</summary>
    /// <param name="length">Bytes, above zero.</param>
    /// <param name="offsetInPage">Where in its first page it starts, 0 to 4095.</param>
    /// <param name="placement">Where its pages lie.</param>
    public CallerBuffer AllocateCaller(int length, int offsetInPage = 0, PagePlacement placement = PagePlacement.Scattered)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)offsetInPage, (uint)PageSize);
        var count = (offsetInPage + length + PageSize - 1) / PageSize;
        lock (_gate)
        {
            var frames = new ulong[count];
            for (var i = 0; i < count; i++)
            {
                ref var next = ref placement == PagePlacement.High ? ref _nextHighFrame : ref _nextFrame;
                if (placement == PagePlacement.Scattered)
                    next += (ulong)_random.Next(3);
                frames[i] = next++;
            }

            if (placement == PagePlacement.Scattered)
                _random.Shuffle(frames);
            return new CallerBuffer(this, Add(length, frames, isDeviceMemory: false), offsetInPage);
        }
    }

    /// <inheritdoc/>
    public DmaBuffer Allocate(int length, in DmaConstraints constraints)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (AllocationsLeft is <= 0)
            throw new InsufficientMemoryException($"No {length} bytes are left.");
        AllocationsLeft--;
        var count = (length + PageSize - 1) / PageSize;
        lock (_gate)
        {
            var step = (ulong)Math.Max(PageSize, constraints.Alignment) / PageSize;
            var first = (_nextFrame + step - 1) / step * step;
            if (constraints.Boundary != 0)
            {
                var frames = Math.Max(1, constraints.Boundary / PageSize);
                if ((ulong)count > frames)
                    throw new InsufficientMemoryException($"{length} bytes never fit between two boundaries of {constraints.Boundary}.");
                if ((first % frames) + (ulong)count > frames)
                    first = (first + frames - 1) / frames * frames;
            }

            if (((first + (ulong)count) * PageSize) - 1 > constraints.HighestAddress)
                throw new InsufficientMemoryException($"No {length} bytes at or below {constraints.HighestAddress:x}.");
            _nextFrame = first + (ulong)count;
            var list = new ulong[count];
            for (var i = 0; i < count; i++)
                list[i] = first + (ulong)i;
            return new SimulatedBuffer(this, Add(length, list, isDeviceMemory: true));
        }
    }

    /// <inheritdoc/>
    public bool TryMap(ReadOnlyMemory<byte> memory, in DmaConstraints constraints, Span<DmaSegment> segments, out int count, out MemoryHandle pin)
    {
        count = 0;
        pin = default;
        if (RefuseMapping || memory.IsEmpty || !TryFind(memory, out var region, out var start))
            return false;
        var left = memory.Length;
        while (left > 0)
        {
            var inPage = start % PageSize;
            var piece = Math.Min(left, PageSize - inPage);
            var address = (region.Frames[start / PageSize] * PageSize) + (ulong)inPage;
            if (address + (ulong)piece - 1 > constraints.HighestAddress || !Append(segments, ref count, address, piece, constraints))
                return false;
            start += piece;
            left -= piece;
        }

        var mask = (ulong)constraints.Alignment - 1;
        foreach (var segment in segments[..count])
        {
            if (((segment.Address.Value | (uint)segment.Length) & mask) != 0)
                return false;
        }

        pin = region.Pin(0);
        return true;
    }

    /// <inheritdoc/>
    public void WriteBarrier() => LightBarrier();

    /// <inheritdoc/>
    public void ReadBarrier() => LightBarrier();

    /// <inheritdoc/>
    public void FullBarrier()
    {
        Interlocked.MemoryBarrier();
        AtBarrier?.Invoke();
    }

    /// <inheritdoc/>
    public bool TryRead(ulong address, Span<byte> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            if (!TryLocate(address + (ulong)done, "read", out var region, out var offset))
                return false;
            var piece = Math.Min(destination.Length - done, PageSize - (offset % PageSize));
            region.Bytes.AsSpan(offset, piece).CopyTo(destination[done..]);
            done += piece;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool TryWrite(ulong address, ReadOnlySpan<byte> source)
    {
        for (var done = 0; done < source.Length;)
        {
            if (!TryLocate(address + (ulong)done, "write", out var region, out var offset))
                return false;
            var piece = Math.Min(source.Length - done, PageSize - (offset % PageSize));
            source.Slice(done, piece).CopyTo(region.Bytes.AsSpan(offset));
            done += piece;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool TryShare(ulong frame, out Memory<byte> page, out MemoryHandle pin)
    {
        page = default;
        pin = default;
        if (!TryLocate(frame * PageSize, "sharing", out var region, out var offset))
            return false;
        page = region.Bytes.AsMemory(offset, PageSize);
        pin = region.Pin(0);
        return true;
    }

    /// <summary>Access to a page that belongs to somebody else in the guest.</summary>
    /// <exception cref="ArgumentException">There is no device memory at that address.</exception>
    internal DmaBuffer Adopt(PhysicalAddress page)
    {
        if (page.Value % PageSize != 0 || !TryLocate(page.Value, "adoption", out var region, out var offset) || !region.IsDeviceMemory)
            throw new ArgumentException($"{page} is not a page of device memory.", nameof(page));
        return new AdoptedBuffer(region, page, offset);
    }

    /// <summary>
    /// x86-64 itself keeps loads in order, and stores (Intel SDM 3A, 9.2.2: Memory Ordering in P6 and More Recent Processor Families); the
    /// call is what the compiler moves no access across.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LightBarrier()
    {
        if (!X86Base.IsSupported)
            Interlocked.MemoryBarrier();
        AtBarrier?.Invoke();
    }

    internal void Free(MemoryRegion region)
    {
        lock (_gate)
        {
            if (region.IsPinned)
                Violations.Enqueue("memory was freed while it was mapped for a device");
            foreach (var frame in region.Frames)
                _pages.Remove(frame);
        }
    }

    private static bool TryFind(ReadOnlyMemory<byte> memory, out MemoryRegion region, out int start)
    {
        if (MemoryMarshal.TryGetMemoryManager<byte, CallerBuffer>(memory, out var caller, out start, out _))
        {
            region = caller.Region;
            start += caller.OffsetInPage;
            return true;
        }

        if (MemoryMarshal.TryGetMemoryManager<byte, SimulatedBuffer>(memory, out var buffer, out start, out _))
        {
            region = buffer.Region;
            return true;
        }

        region = null!;
        return false;
    }

    /// <summary>Adds a piece, merged with its neighbour as far as the constraints allow.</summary>
    private static bool Append(Span<DmaSegment> segments, ref int count, ulong address, int length, in DmaConstraints constraints)
    {
        while (length > 0)
        {
            var piece = Math.Min(length, constraints.LongestSegment);
            if (constraints.Boundary != 0)
                piece = (int)Math.Min((ulong)piece, constraints.Boundary - (address & (constraints.Boundary - 1)));
            if (count > 0 && segments[count - 1] is var last && last.Address.Value + (ulong)last.Length == address
                && last.Length + piece <= constraints.LongestSegment
                && (constraints.Boundary == 0 || (address & (constraints.Boundary - 1)) != 0))
            {
                segments[count - 1] = last with { Length = last.Length + piece };
            }
            else
            {
                if (count == segments.Length)
                    return false;
                segments[count++] = new DmaSegment(new PhysicalAddress(address), piece);
            }

            address += (ulong)piece;
            length -= piece;
        }

        return true;
    }

    private MemoryRegion Add(int length, ulong[] frames, bool isDeviceMemory)
    {
        var size = frames.Length * PageSize;
        var region = new MemoryRegion(_arrays?.Take(size) ?? GC.AllocateArray<byte>(size, pinned: true), length, frames, isDeviceMemory);
        for (var i = 0; i < region.Frames.Length; i++)
            _pages.Add(region.Frames[i], (region, i));
        return region;
    }

    private bool TryLocate(ulong address, string what, out MemoryRegion region, out int offset)
    {
        offset = 0;
        region = null!;
        lock (_gate)
        {
            if (!_pages.TryGetValue(address / PageSize, out var page))
            {
                Violations.Enqueue($"device {what} at {address:x}: no memory there");
                return false;
            }

            region = page.Region;
            offset = (page.Page * PageSize) + (int)(address % PageSize);
        }

        if (region.IsDeviceMemory || region.IsPinned)
            return true;
        Violations.Enqueue($"device {what} at {address:x}: the memory is not mapped for a device");
        return false;
    }
}
