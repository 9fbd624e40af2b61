using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests.Hardware;

public sealed class DmaMemoryTests
{
    private readonly FakeDmaBackend _backend = new();
    private readonly DmaMemory _memory;

    public DmaMemoryTests() => _memory = new DmaMemory(_backend);

    [Fact]
    public void A_buffer_is_zeroed_writable_and_freed_once()
    {
        DmaBuffer buffer = _memory.Allocate(10_000, DmaConstraints.Below4GiB);
        Assert.Equal(10_000, buffer.Memory.Length);
        Assert.All(buffer.Memory.ToArray(), value => Assert.Equal(0, value));
        buffer.Memory.Span[9_999] = 7;
        Assert.Single(_backend.Live);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Empty(_backend.Live);
        Assert.Throws<ObjectDisposedException>(() => buffer.GetSpan());
    }

    [Fact]
    public void Running_out_names_size_and_constraints()
    {
        _backend.IsExhausted = true;
        OutOfMemoryException exception = Assert.Throws<OutOfMemoryException>(() => _memory.Allocate(4096, DmaConstraints.Below16MiB));
        Assert.Contains("4096", exception.Message, StringComparison.Ordinal);
        Assert.Contains("0xffffff", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_buffer_maps_to_its_own_address_without_translation()
    {
        _backend.Translate = (_, _) => throw new InvalidOperationException("translated");
        using DmaBuffer buffer = _memory.Allocate(8192, DmaConstraints.None);
        var segments = new DmaSegment[1];
        Assert.True(_memory.TryMap(buffer.Memory.Slice(512, 1024), DmaConstraints.None, segments, out int count, out MemoryHandle pin));
        pin.Dispose();
        Assert.Equal(1, count);
        Assert.Equal(new DmaSegment(buffer.PhysicalAddress + 512, 1024), segments[0]);
    }

    [Fact]
    public void Pieces_are_cut_at_boundaries_and_at_the_longest_segment()
    {
        _backend.Translate = (_, length) => [new Segment { Address = 0x1_F000, Length = (ulong)length }];
        var segments = new DmaSegment[8];
        Assert.True(_memory.TryMap(new byte[0x3000], new DmaConstraints(0xFFFF_FFFF, 2, 0x1_0000, 0x1800), segments, out int count, out MemoryHandle pin));
        pin.Dispose();
        Assert.Equal(
            [new(new(0x1_F000), 0x1000), new(new(0x2_0000), 0x1800), new(new(0x2_1800), 0x800)],
            segments[..count]);
    }

    [Fact]
    public void Neighbours_are_merged()
    {
        _backend.Translate = (_, _) =>
        [
            new Segment { Address = 0x1000, Length = 0x1000 },
            new Segment { Address = 0x2000, Length = 0x1000 },
            new Segment { Address = 0x5000, Length = 0x1000 },
        ];
        var segments = new DmaSegment[3];
        Assert.True(_memory.TryMap(new byte[0x3000], DmaConstraints.None, segments, out int count, out MemoryHandle pin));
        pin.Dispose();
        Assert.Equal([new(new(0x1000), 0x2000), new(new(0x5000), 0x1000)], segments[..count]);
    }

    [Theory]
    [InlineData(0x1_0000_0000UL, 0x1000)] // beyond the highest address
    [InlineData(0xFFFF_F800UL, 0x1000)] // its last byte is
    [InlineData(0x1001UL, 0x1000)] // start not aligned
    [InlineData(0x1000UL, 0x1001)] // length not aligned
    public void What_the_device_cannot_address_is_refused_and_nothing_stays_pinned(ulong address, int length)
    {
        _backend.Translate = (_, _) => [new Segment { Address = address, Length = (ulong)length }];
        var owner = new PinCounter(length);
        Assert.False(_memory.TryMap(owner.Memory, new DmaConstraints(0xFFFF_FFFF, 2), new DmaSegment[4], out int count, out _));
        Assert.Equal(0, count);
        Assert.Equal(0, owner.Pins);
    }

    [Fact]
    public void Too_many_pieces_are_refused_and_nothing_stays_pinned()
    {
        _backend.Translate = (_, _) => [new Segment { Address = 0x1000, Length = 0x1000 }, new Segment { Address = 0x9000, Length = 0x1000 }];
        var owner = new PinCounter(0x2000);
        Assert.False(_memory.TryMap(owner.Memory, DmaConstraints.None, new DmaSegment[1], out _, out _));
        Assert.Equal(0, owner.Pins);
        Assert.True(_memory.TryMap(owner.Memory, DmaConstraints.None, new DmaSegment[2], out _, out MemoryHandle pin));
        Assert.Equal(1, owner.Pins);
        pin.Dispose();
        Assert.Equal(0, owner.Pins);
    }

    [Fact]
    public void Any_mapping_covers_the_same_bytes_and_obeys_the_constraints() => Prop.ForAll(
        Gen.Choose(1, 40).NonEmptyListOf().ToArbitrary(),
        Gen.Choose(9, 17).Two().ToArbitrary(),
        (pages, limits) =>
        {
            Segment[] pieces = [.. pages.Select(page => new Segment { Address = (ulong)page * 4096, Length = 4096 })];
            var constraints = new DmaConstraints(0xFFFF_FFFF, 512, 1UL << limits.Item1, 1 << limits.Item2);
            _backend.Translate = (_, _) => pieces;
            var segments = new DmaSegment[1024];
            Assert.True(_memory.TryMap(new byte[pieces.Length * 4096], constraints, segments, out int count, out MemoryHandle pin));
            pin.Dispose();
            var wanted = pieces.SelectMany(piece => Enumerable.Range(0, 8).Select(i => piece.Address + (ulong)(i * 512)));
            var got = segments.Take(count).SelectMany(segment => Enumerable.Range(0, segment.Length / 512).Select(i => segment.Address.Value + (ulong)(i * 512)));
            Assert.Equal(wanted, got);
            Assert.All(segments.Take(count), segment =>
            {
                Assert.InRange(segment.Length, 1, constraints.LongestSegment);
                Assert.Equal(segment.Address.Value / constraints.Boundary, (segment.Address.Value + (ulong)segment.Length - 1) / constraints.Boundary);
            });
        }).QuickCheckThrowOnFailure();

    private sealed class PinCounter : MemoryManager<byte>
    {
        private readonly byte[] _bytes;

        public PinCounter(int length) => _bytes = new byte[length];

        public int Pins { get; private set; }

        public override Span<byte> GetSpan() => _bytes;

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            Pins++;
            unsafe
            {
                return new MemoryHandle(null, default, this);
            }
        }

        public override void Unpin() => Pins--;

        protected override void Dispose(bool disposing) => Pins = 0;
    }
}
