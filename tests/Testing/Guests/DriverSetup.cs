using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Scheduling;

namespace GuestOS.Testing.Guests;

/// <summary>What a test's machine has for the drivers of its devices.</summary>
public sealed record DriverSetup
{
    /// <summary>Memory for devices.</summary>
    public required IDmaMemory Memory { get; init; }

    /// <summary>Time, that of work threads too.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The log.</summary>
    public required ILog Log { get; init; }

    /// <summary>Where drivers publish.</summary>
    public required IPublications Publications { get; init; }

    /// <summary>Memory that can change, for a driver that declares it; null for a machine whose memory is fixed.</summary>
    public IDynamicMemory? DynamicMemory { get; init; }

    /// <summary>The processors; null where there is one.</summary>
    public IProcessors? Processors { get; init; }

    /// <summary>Options of the drivers.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Options of drivers that go on where they are, not on other threads, unless "inline" is among the options; of two with one name the first counts.</summary>
    public static Dictionary<string, string> Inline(params IEnumerable<(string Name, string Value)> options) =>
        options.Append(("inline", "1")).DistinctBy(option => option.Item1).ToDictionary(option => option.Item1, option => option.Item2);

    /// <summary>Makes an instance of a driver that has been granted all that it declares.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="device">The device that it is for.</param>
    /// <param name="windows">The device's registers by what is declared; null for a device without any.</param>
    /// <param name="interrupts">The device's interrupts by what is declared; null for a device without any.</param>
    /// <exception cref="InvalidOperationException">The driver declares what the device does not have.</exception>
    public IDriverInstance Create(
        IDriver driver, BusDevice device, Func<ResourceRequest, IRegisterWindow>? windows = null, Func<ResourceRequest, IInterrupt>? interrupts = null)
    {
        ArgumentNullException.ThrowIfNull(driver);
        var registers = new Dictionary<string, IRegisterWindow>();
        var lines = new Dictionary<string, IInterrupt>();
        IDynamicMemory? memory = null;
        foreach (var request in driver.DeclareResources(device))
        {
            switch (request)
            {
                case IsaInterruptRequest or PciInterruptRequest when interrupts is not null:
                    lines.Add(request.Name, interrupts(request));
                    break;
                case BarRequest or PortRequest when windows is not null:
                    registers.Add(request.Name, windows(request));
                    break;
                case DynamicMemoryRequest when DynamicMemory is not null:
                    memory = DynamicMemory;
                    break;
                default:
                    throw new InvalidOperationException($"There is no {request} for {driver.Name}.");
            }
        }

        return driver.Create(new DriverContext
        {
            Device = device,
            Registers = registers,
            Interrupts = lines,
            Dma = Memory,
            DynamicMemory = memory,
            Processors = Processors,
            Clock = Clock,
            WorkThreads = new SimulatedWorkThreads(Clock),
            Log = Log,
            Publications = Publications,
            Options = Options,
        });
    }
}
