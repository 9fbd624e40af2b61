using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Partition;
using GuestOS.Testing;

namespace GuestOS.Drivers.VmBus.Tests.Hypervisor;

/// <summary>A simulated partition on a clock that the test moves.</summary>
internal sealed class TestPartition : IDisposable
{
    public static readonly GuestOsId OsId = GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0);

    public TestPartition(PartitionOptions? options = null, int seed = 1)
    {
        Clock = new ManualTimeProvider(seed);
        Memory = new SimulatedMemory(new Random(seed));
        Model = new SimulatedPartition(Clock, Memory, Log, options);
    }

    public ManualTimeProvider Clock { get; }

    public SimulatedMemory Memory { get; }

    public ListLog Log { get; } = new();

    public SimulatedPartition Model { get; }

    public ProcessorPlatform Platform => Model.Platform;

    public HypervisorInfo Info => HypervisorInfo.Detect(Platform.CpuId);

    public Hypercalls EnableHypercalls()
    {
        var calls = new Hypercalls(Platform, Info, OsId);
        Xunit.Assert.Null(calls.Enable());
        return calls;
    }

    public void Dispose() => Model.Dispose();
}
