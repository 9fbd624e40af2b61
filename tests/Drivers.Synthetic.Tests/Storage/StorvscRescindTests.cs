using GuestOS.Machine.Block;
using GuestOS.Sandbox.Storage;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>The host takes the controller back at each of its steps. Every request has an end, and the driver works when it is offered again.</summary>
public sealed class StorvscRescindTests
{
    [Fact]
    public void A_rescind_at_every_step_of_the_life_ends_everything()
    {
        int steps;
        using (var whole = StorageFixture.Scsi(new StorageProviderOptions { MaxSubchannels = 2 }, processors: 3))
        {
            whole.Machine.Settle();
            var requests = new List<Task<BlockResult>>();
            Load(whole, requests);
            whole.Machine.Run(Task.WhenAll(requests));
            steps = whole.Machine.Host.Steps;
        }

        Assert.True(steps > 100);
        for (var step = 1; step <= steps; step++)
        {
            using var fixture = StorageFixture.Scsi(new StorageProviderOptions { MaxSubchannels = 2 }, processors: 3, seed: step, connect: false);
            var pages = fixture.Machine.Memory.PageCount;
            fixture.Machine.Host.Faults.RescindAtStep = step;
            fixture.Machine.Connect();
            fixture.Machine.Settle();
            var requests = new List<Task<BlockResult>>();
            Load(fixture, requests);
            fixture.Machine.Run(Task.WhenAll(requests));
            Assert.All(requests, request => Assert.True(request.Result.IsSuccess || request.Result.Error.Kind == BlockErrorKind.Gone, $"step {step}: {request.Result}"));
            fixture.Machine.RunUntil(() => fixture.Machine.Busy == 0);
            fixture.Machine.Settle();
            fixture.Machine.DetachAll();
            Assert.Empty(fixture.Machine.Disks);
            Assert.Empty(fixture.Machine.Memory.Violations);

            // It works when it is offered again.
            fixture.Machine.Host.OfferAgain(fixture.Channel);
            fixture.Machine.Settle();
            Assert.True(fixture.Machine.Disks.Count == 1, $"step {step}");
            Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync(0, new byte[512])).IsSuccess);
            fixture.Machine.DetachAll();
        }
    }

    /// <summary>Requests are on their way when the driver and the bus are suspended, wait meanwhile, and have all ended when it is over.</summary>
    [Fact]
    public void A_rescind_at_every_step_of_suspending_and_resuming_ends_everything()
    {
        int steps;
        using (var whole = Offer(seed: 1))
        {
            Assert.All(SuspendAndResume(whole), request => Assert.True(request.Result.IsSuccess, request.Result.ToString()));
            steps = whole.Machine.Host.Steps;
        }

        Assert.True(steps > 100);
        for (var step = 1; step <= steps; step++)
        {
            using var fixture = Offer(seed: step);
            fixture.Machine.Host.Faults.RescindAtStep = step;
            Assert.All(
                SuspendAndResume(fixture),
                request => Assert.True(request.Result.IsSuccess || request.Result.Error.Kind == BlockErrorKind.Gone, $"step {step}: {request.Result}"));
            fixture.Machine.DetachAll();
            Assert.Empty(fixture.Machine.Disks);
            Assert.Empty(fixture.Machine.Memory.Violations);
            Assert.Empty(fixture.Machine.Escaped);
        }
    }

    [Fact]
    public void What_a_subchannel_that_is_taken_back_had_goes_over_the_primary_channel()
    {
        const int Count = 40;
        using var fixture = StorageFixture.Scsi(
            new StorageProviderOptions { MaxSubchannels = 1, AnswerLatency = () => TimeSpan.FromMilliseconds(3) }, processors: 2);
        var machine = fixture.Machine;
        machine.Settle();
        Assert.Equal(2, machine.Controller.Adapter.QueueCount);
        var before = fixture.Provider.CommandsByChannel[0];

        // Into memory that only the driver's buffers reach: the host has some commands, and others wait for a buffer.
        var data = Enumerable.Range(0, Count).Select(_ => new byte[512]).ToArray();
        var reads = new Task<BlockResult>[Count];
        machine.Partition.Platform.Processors.Run(1, () =>
        {
            for (var i = 0; i < Count; i++)
                reads[i] = fixture.Disk.ReadAsync((ulong)i, data[i]).AsTask();
        });
        machine.Advance(0.001);
        Assert.InRange(fixture.Provider.CommandsByChannel[1], 1, Count - 1);
        machine.Host.Rescind(machine.Host.Channels.Single(channel => channel.Primary == fixture.Channel));
        machine.Run(Task.WhenAll(reads));
        for (var i = 0; i < Count; i++)
        {
            Assert.True(reads[i].Result.IsSuccess, reads[i].Result.ToString());
            Assert.Equal(fixture.Content((ulong)i, 512), data[i]);
        }

        Assert.Equal((1, (long)Count), (machine.Controller.Adapter.QueueCount, fixture.Provider.CommandsByChannel[0] - before));
        machine.DetachAll();
        machine.AssertClean();
    }

    private static StorageFixture Offer(int seed) =>
        StorageFixture.Scsi(new StorageProviderOptions { MaxSubchannels = 1 }, processors: 2, seed: seed, connect: false);

    private static List<Task<BlockResult>> SuspendAndResume(StorageFixture fixture)
    {
        var requests = new List<Task<BlockResult>>();
        fixture.Machine.Connect();
        fixture.Machine.Settle();
        Load(fixture, requests);
        fixture.Machine.Run(fixture.Machine.SuspendAsync());
        Load(fixture, requests);
        fixture.Machine.Run(fixture.Machine.ResumeAsync());
        Load(fixture, requests);
        fixture.Machine.Run(Task.WhenAll(requests));
        fixture.Machine.RunUntil(() => fixture.Machine.Busy == 0);
        fixture.Machine.Settle();
        return requests;
    }

    private static void Load(StorageFixture fixture, List<Task<BlockResult>> requests)
    {
        foreach (var device in fixture.Machine.Disks)
        {
            for (var i = 0; i < 6; i++)
            {
                requests.Add(device.ReadAsync((ulong)i, new byte[device.Geometry.BlockSize]).AsTask());
                requests.Add(device.WriteAsync((ulong)i, new byte[device.Geometry.BlockSize]).AsTask());
            }

            requests.Add(device.FlushAsync().AsTask());
        }
    }
}
