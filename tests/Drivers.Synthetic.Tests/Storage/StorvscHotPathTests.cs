using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

public sealed class StorvscHotPathTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(131072)]
    public void A_request_allocates_nothing(int length)
    {
        var memory = new SimulatedMemory(new Random(1));
        var clock = new ManualTimeProvider();
        using var adapter = new StorageAdapter(memory, clock, new ListLog(), null, continueInline: true);
        var limits = new StorvscLimits(StorageVersion.V6_2, 256 << 10, 0);
        var link = new PromptLink();
        adapter.Begin(new StorageQueue(adapter, link, limits), limits);
        var geometry = new BlockGeometry { BlockSize = 512, BlockCount = 1 << 20, CanDiscard = true };
        var disk = new StorageDisk(adapter, default, "scsi0.0.0", new LunDescription(false, "", "", geometry, 1024), null);
        using var buffer = memory.AllocateCaller(length);
        Memory<byte> data = buffer.Memory;
        for (var i = 0; i < 100; i++)
            Issue(i);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
                Issue(i);
        }));
        Assert.Equal(0, buffer.PinCount);
        Assert.True(link.Pages >= 1100 * (length / 4096) / 2);

        void Issue(int i)
        {
            var task = (i % 4) switch
            {
                0 => disk.ReadAsync(8, data),
                1 => disk.WriteAsync(8, data),
                2 => disk.FlushAsync(),
                _ => disk.ReadAsync(1000, data),
            };
            Assert.False(task.IsCompleted);
            link.Answer();
            Assert.True(task.GetAwaiter().GetResult().IsSuccess);
        }
    }

    [Fact]
    public void At_depth_32_fewer_than_one_command_in_ten_costs_a_hypercall()
    {
        // A host that takes what is there in one go, as a thread of its own does.
        using var fixture = StorageFixture.Scsi(host: new VmBusHostOptions { StepsSingly = false });
        var before = fixture.Machine.Partition.Hypercalls.Count;
        const int Requests = 3200;
        var issued = 0;
        var programs = Enumerable.Range(0, 32).Select(_ => KeepReading());
        fixture.Machine.Run(Task.WhenAll([.. programs]));
        var calls = fixture.Machine.Partition.Hypercalls.Count - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{calls} hypercalls for {Requests} requests");
        Assert.InRange(calls, 1, Requests / 10);

        async Task KeepReading()
        {
            var data = new byte[4096];
            while (issued++ < Requests)
                Assert.True((await fixture.Disk.ReadAsync((ulong)(issued % 1000), data).ConfigureAwait(false)).IsSuccess);
        }
    }
}
