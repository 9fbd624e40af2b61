using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Storage;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>Requests that are given up while the host has them, and more of them than there are buffers.</summary>
public sealed class CommandEndTests
{
    /// <summary>A buffer's worth of data that only buffers of the driver's can reach, and more: two commands.</summary>
    private const int TwoBuffers = 96 << 10;

    [Fact]
    public void A_request_that_is_given_up_ends_with_the_command_that_the_host_has_and_no_further_one_is_sent()
    {
        using var world = new CommandWorld();
        using var cancel = new CancellationTokenSource();
        var request = world.Disk.ReadAsync(0, new byte[TwoBuffers], cancel.Token).AsTask();
        cancel.Cancel();
        Assert.False(request.IsCompleted, "the host may still write to the memory");
        world.Link.Answer();
        Assert.True(request.IsCanceled);
        Assert.Equal((1, 0), (world.Adapter.Counters.Sent, world.Adapter.Outstanding));
    }

    [Theory]
    [InlineData(SrbStatus.Busy)]
    [InlineData(SrbStatus.InternalError)]
    public void A_request_that_is_given_up_is_not_tried_again(SrbStatus status)
    {
        using var world = new CommandWorld();
        using var cancel = new CancellationTokenSource();
        var request = world.Disk.ReadAsync(0, new byte[512], cancel.Token).AsTask();
        cancel.Cancel();
        world.Link.Answer(status);
        Assert.True(request.IsCanceled);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((1, 0), (world.Adapter.Counters.Sent, world.Adapter.Outstanding));
    }

    [Fact]
    public void A_request_whose_last_command_had_succeeded_when_it_was_given_up_has_succeeded()
    {
        using var world = new CommandWorld();
        using var cancel = new CancellationTokenSource();
        var request = world.Disk.ReadAsync(0, new byte[512], cancel.Token).AsTask();
        cancel.Cancel();
        world.Link.Answer();
        Assert.True(request.IsCompletedSuccessfully && request.Result.IsSuccess, "what was read was thrown away");
    }

    [Fact]
    public void A_request_for_which_there_is_no_memory_waits_for_the_buffer_of_another()
    {
        using var world = new CommandWorld();
        world.Memory.AllocationsLeft = 1;
        var first = world.Disk.ReadAsync(0, new byte[512]).AsTask();
        var second = world.Disk.ReadAsync(1, new byte[512]).AsTask();
        Assert.Equal((1, false), (world.Adapter.Outstanding, second.IsCompleted));
        world.Link.Answer();
        Assert.True(first.Result.IsSuccess);
        Assert.Equal(1, world.Adapter.Outstanding);
        world.Link.Answer();
        Assert.True(second.Result.IsSuccess);
    }

    [Fact]
    public void A_buffer_that_comes_back_after_the_end_is_freed()
    {
        var world = new CommandWorld();
        var pages = world.Memory.PageCount;
        var request = world.Disk.ReadAsync(0, new byte[512]).AsTask();
        Assert.NotEqual(pages, world.Memory.PageCount);
        world.Dispose();
        world.Link.Answer();
        Assert.True(request.Result.IsSuccess);
        Assert.Equal(pages, world.Memory.PageCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void More_requests_than_there_are_buffers_wait_for_one_on_any_channel_and_all_end(int channels)
    {
        const int Count = 100;
        using var fixture = StorageFixture.Scsi(
            new StorageProviderOptions { MaxSubchannels = (ushort)(channels - 1), AnswerLatency = () => TimeSpan.FromMilliseconds(3) }, processors: channels);
        fixture.Machine.Settle();
        var data = Enumerable.Range(0, Count).Select(_ => new byte[512]).ToArray();
        var reads = new Task<BlockResult>[Count];
        for (var i = 0; i < Count; i++)
        {
            var number = i;
            fixture.Machine.Partition.Platform.Processors.Run(i % channels, () => reads[number] = fixture.Disk.ReadAsync((ulong)number, data[number]).AsTask());
        }

        Assert.Equal(16, fixture.Machine.Controller.Adapter.Outstanding);
        fixture.Machine.Run(Task.WhenAll(reads));
        for (var i = 0; i < Count; i++)
        {
            Assert.True(reads[i].Result.IsSuccess);
            Assert.Equal(fixture.Content((ulong)i, 512), data[i]);
        }

        fixture.Machine.AssertClean();
    }
}
