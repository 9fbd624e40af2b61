using System.Buffers;
using GuestOS.Machine;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using Xunit;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>Who gets a frame, who waits, and what happens to the memory.</summary>
public sealed class FramePoolTests
{
    private readonly SimulatedMemory _memory = new(new Random(1));

    [Fact]
    public void Those_who_wait_are_served_in_order_and_one_who_gives_up_is_left_out()
    {
        var pool = new FramePool(_memory, 2, 1500, continueInline: true);
        using var giveUp = new CancellationTokenSource();
        var (first, second) = (Rent(pool), Rent(pool));
        Assert.False(pool.TryRent(out _));
        var a = pool.RentAsync().AsTask();
        var b = pool.RentAsync(giveUp.Token).AsTask();
        var c = pool.RentAsync(giveUp.Token).AsTask();
        var d = pool.RentAsync().AsTask();

        giveUp.Cancel();
        Assert.True(b.IsCanceled && c.IsCanceled);
        first.Release();
        Assert.True(a.IsCompletedSuccessfully);
        Assert.False(d.IsCompleted);
        second.Release();
        Assert.True(d.IsCompletedSuccessfully);
        a.Result.Release();
        d.Result.Release();
        Assert.Equal((2, 2, 1536), (pool.FreeCount, pool.Count, pool.Capacity));
    }

    [Fact]
    public void A_device_that_finds_a_frame_when_none_is_left_is_asked_before_anybody_waits()
    {
        Frame? held = null;
        var pool = new FramePool(_memory, 1, 100, onEmpty: () => held?.Release());
        Assert.True(pool.TryRent(out held));

        var rented = pool.RentAsync();

        Assert.True(rented.IsCompletedSuccessfully);
        Assert.Same(held, rented.Result);
    }

    [Fact]
    public void A_closed_pool_fails_those_who_wait_and_keeps_its_memory_until_the_last_frame_is_back()
    {
        var pool = new FramePool(_memory, 2, 1500, continueInline: true);
        var (first, second) = (Rent(pool), Rent(pool));
        Task<Frame>[] waiting = [pool.RentAsync().AsTask(), pool.RentAsync().AsTask()];

        pool.Close();
        pool.Close();

        foreach (var wait in waiting)
            Assert.IsType<ObjectDisposedException>(wait.Exception?.InnerException);
        Assert.Throws<ObjectDisposedException>(() => pool.RentAsync().AsTask().GetAwaiter().GetResult());
        first.Release();
        Assert.False(pool.TryRent(out _));
        Assert.NotEqual(0, _memory.PageCount);
        second.Release();
        Assert.Equal(0, _memory.PageCount);
    }

    [Fact]
    public void A_pool_for_which_the_memory_does_not_suffice_gives_back_what_it_got()
    {
        Assert.Throws<InsufficientMemoryException>(() => new FramePool(new ScarceMemory(_memory, 2), 200, 1500));

        Assert.Equal(0, _memory.PageCount);
    }

    private static Frame Rent(FramePool pool) => pool.TryRent(out var frame) ? frame : throw new InvalidOperationException("There is no frame.");

    /// <summary>Memory of which so many pieces can be had.</summary>
    private sealed class ScarceMemory(IDmaMemory memory, int pieces) : IDmaMemory
    {
        private int _left = pieces;

        public DmaBuffer Allocate(int length, in DmaConstraints constraints) =>
            _left-- > 0 ? memory.Allocate(length, constraints) : throw new InsufficientMemoryException("There is no more.");

        public bool TryMap(ReadOnlyMemory<byte> data, in DmaConstraints constraints, Span<DmaSegment> segments, out int count, out MemoryHandle pin) =>
            memory.TryMap(data, constraints, segments, out count, out pin);

        public void WriteBarrier() => memory.WriteBarrier();

        public void ReadBarrier() => memory.ReadBarrier();

        public void FullBarrier() => memory.FullBarrier();
    }
}
