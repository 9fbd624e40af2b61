using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Drivers;

/// <summary>What all drivers share.</summary>
/// <param name="Dma">Memory for devices.</param>
/// <param name="DynamicMemory">The machine's memory, for whoever has declared it.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Log">The log.</param>
/// <param name="CommandLine">Where drivers' options come from.</param>
internal sealed record DriverEnvironment(IDmaMemory Dma, IDynamicMemory DynamicMemory, TimeProvider Clock, ILog Log, KernelCommandLine CommandLine)
{
    /// <summary>The processors; null for one.</summary>
    public IProcessors? Processors { get; init; }

    /// <summary>What one instance gets.</summary>
    public DriverContext MakeContext(BoundDevice bound, IDriver driver, ResourceGrants grants) => new()
    {
        Device = bound.Device,
        Registers = grants.Registers,
        Interrupts = grants.Interrupts,
        Dma = Dma,
        DynamicMemory = grants.HasDynamicMemory ? DynamicMemory : null,
        Processors = Processors,
        Clock = Clock,
        WorkThreads = new WorkThreads(bound.Name, Log),
        Log = new PrefixedLog(Log, bound.Name),
        Publications = bound,
        Options = CommandLine.OptionsOf(driver.Name),
    };
}
