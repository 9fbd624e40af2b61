using System.Diagnostics;
using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.Synthetic.Tests;
using GuestOS.Drivers.Synthetic.Tests.Storage;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using GuestOS.Testing;

namespace GuestOS.Bench.Runs;

/// <summary>Reads of the synthetic storage driver.</summary>
internal static class StorageLoad
{
    private const int WarmUp = 2000;

    /// <summary>Bytes of the managed heap that a request takes in the client, on a host that answers at once.</summary>
    public static double MeasureAllocation(int length, int requests)
    {
        var memory = new SimulatedMemory(new Random(1));
        using var adapter = new StorageAdapter(memory, new ManualTimeProvider(), new ListLog(), null, continueInline: true);
        var limits = new StorvscLimits(StorageVersion.V6_2, 256 << 10, 0);
        var link = new PromptLink();
        adapter.Begin(new StorageQueue(adapter, link, limits), limits);
        var geometry = new BlockGeometry { BlockSize = 512, BlockCount = 1 << 20 };
        var disk = new StorageDisk(adapter, default, "scsi0.0.0", new LunDescription(false, "", "", geometry, 1), null);
        using var buffer = memory.AllocateCaller(length);
        Memory<byte> data = buffer.Memory;
        for (var i = 0; i < WarmUp; i++)
            Issue();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < requests; i++)
            Issue();
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / requests;

        void Issue()
        {
            var task = disk.ReadAsync(8, data);
            link.Answer();
            task.GetAwaiter().GetResult().ThrowIfFailed();
        }
    }

    /// <summary>Requests through VMBus to the simulated host and back.</summary>
    /// <param name="host">The host.</param>
    /// <param name="length">Bytes of a request.</param>
    /// <param name="depth">Requests at once.</param>
    /// <param name="requests">Requests that are counted.</param>
    public static StorageSample MeasureThroughput(SimulatedHost host, int length, int depth, int requests)
    {
        using var machine = new StorageMachine(host: host.Options);
        machine.Host.Trace.Capacity = 0;
        var bus = new ScsiBus();
        bus.Add(new ScsiAddress(0, 0, 0), new ScsiDisk(new BlockImage(64 << 20)) { Identity = new ScsiIdentity() });
        machine.Host.Offer(StorageProvider.Scsi(Guid.NewGuid(), bus));
        machine.Connect();
        var disk = machine.Disks[0];
        var issued = -WarmUp;
        Keep(until: 0);
        issued = 0;
        var before = machine.Partition.Hypercalls.Count;
        var watch = Stopwatch.StartNew();
        Keep(requests);
        return new StorageSample((double)(machine.Partition.Hypercalls.Count - before) / requests, requests / watch.Elapsed.TotalSeconds);

        void Keep(int until) => machine.Run(Task.WhenAll([.. Enumerable.Range(0, depth).Select(_ => KeepReading(until))]));

        async Task KeepReading(int end)
        {
            var data = machine.Memory.AllocateCaller(length).Memory;
            while (issued < end)
            {
                issued++;
                (await disk.ReadAsync((ulong)((uint)issued % 1000) * 8, data).ConfigureAwait(false)).ThrowIfFailed();
            }
        }
    }
}
