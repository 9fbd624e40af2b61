using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GuestOS.Boot.Commands;
using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.Synthetic.Tests;
using GuestOS.Drivers.Synthetic.Tests.Storage;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using Spectre.Console;

namespace GuestOS.Bench.Commands;

/// <summary>
/// The <c>storage</c> command: the synthetic storage driver and the simulated host in one process, on one thread and a simulated clock. What it
/// counts is exact; what it times includes the host.
/// </summary>
internal sealed class StorageBenchCommand : Command
{
    private readonly Option<int> _requests = CommonOptions.Ranged("--requests", "Requests of each line.", "N", 20_000, 100, 10_000_000);

    /// <summary>Declares the command.</summary>
    public StorageBenchCommand()
        : base("storage", "Synthetic storage on the simulated host: allocation, hypercalls and requests a second.")
    {
        Options.Add(_requests);
        SetAction((result, _) => Shell.RunAsync(tools =>
        {
            Execute(tools.Console, result.GetValue(_requests));
            return Task.FromResult(0);
        }));
    }

    private static void Execute(IAnsiConsole console, int requests)
    {
        var table = new Table().AddColumns("request", "depth", "bytes allocated / request", "hypercalls / request", "requests / s");
        foreach (var (length, depth) in ((int, int)[])[(4096, 1), (4096, 32), (65536, 1), (65536, 32)])
        {
            var allocated = MeasureAllocation(length, requests);
            var (hypercalls, rate) = MeasureThroughput(length, depth, requests);
            table.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"read {length >> 10} KiB"),
                depth.ToString(CultureInfo.InvariantCulture),
                allocated.ToString("0.##", CultureInfo.InvariantCulture),
                hypercalls.ToString("0.###", CultureInfo.InvariantCulture),
                rate.ToString("0", CultureInfo.InvariantCulture));
        }

        console.Write(table);
        console.WriteLine("Allocated: by the client, from the call to the result, on a host that answers at once. Goal: 0.");
        console.WriteLine("Hypercalls and rate: through VMBus to the simulated host and back; goal at depth 32: under 0.1 hypercalls.");
    }

    private static double MeasureAllocation(int length, int requests)
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
        for (var i = 0; i < 1000; i++)
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

    private static (double Hypercalls, double Rate) MeasureThroughput(int length, int depth, int requests)
    {
        using var machine = new StorageMachine(host: new VmBusHostOptions { StepsSingly = false });
        machine.Host.Trace.Capacity = 0;
        var bus = new ScsiBus();
        bus.Add(new ScsiAddress(0, 0, 0), new ScsiDisk(new BlockImage(64 << 20)) { Identity = new ScsiIdentity() });
        machine.Host.Offer(StorageProvider.Scsi(Guid.NewGuid(), bus));
        machine.Connect();
        var disk = machine.Published[0];
        var issued = -2000;
        machine.Run(Task.WhenAll([.. Enumerable.Range(0, depth).Select(_ => KeepReading(0))]));
        issued = 0;
        var before = machine.Partition.Hypercalls.Count;
        var watch = Stopwatch.StartNew();
        machine.Run(Task.WhenAll([.. Enumerable.Range(0, depth).Select(_ => KeepReading(requests))]));
        return ((double)(machine.Partition.Hypercalls.Count - before) / requests, requests / watch.Elapsed.TotalSeconds);

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
