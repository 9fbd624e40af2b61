using GuestOS.Machine.Block;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;
using GuestOS.Machine.Processors;

namespace GuestOS.Machine.Drivers;

/// <summary>A driver: what it is for, what it needs, and how an instance is made. Stateless; all state is in its instances.</summary>
public interface IDriver
{
    /// <summary>Short name, for example "ata".</summary>
    string Name { get; }

    /// <summary>Devices that it serves.</summary>
    IReadOnlyList<DeviceMatch> Matches { get; }

    /// <summary>What it needs of this device. Reads configuration at most; no side effects.</summary>
    IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device);

    /// <summary>Makes an instance for the device. Does no I/O.</summary>
    IDriverInstance Create(DriverContext context);
}

/// <summary>
/// One driver bound to one device. The verbs are called one at a time, in the order
/// Probe, Attach, Start, then any number of Suspend and Resume, then Detach; Detach may follow any of them, and follows every failure.
/// A verb that throws or exceeds its deadline fails the device: it is detached and reported, others are not affected.
/// </summary>
public interface IDriverInstance
{
    /// <summary>Looks whether the device is really there and usable. Returns null when it is, otherwise why not (the device is left alone).</summary>
    ValueTask<string?> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Resets the device, allocates, connects interrupts. Nothing is published yet.</summary>
    ValueTask AttachAsync(CancellationToken cancellationToken);

    /// <summary>Publishes what the device serves through <see cref="DriverContext.Publications"/>.</summary>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>Drains and stops the device; what it published stays published and waits.</summary>
    ValueTask SuspendAsync(CancellationToken cancellationToken);

    /// <summary>Undoes <see cref="SuspendAsync"/>.</summary>
    ValueTask ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Withdraws what was published, fails what is in flight, silences the device, frees everything. Never throws.</summary>
    ValueTask DetachAsync(CancellationToken cancellationToken);
}

/// <summary>Where a driver instance publishes what it serves.</summary>
public interface IPublications
{
    /// <summary>Makes a block device visible.</summary>
    void Publish(IBlockDevice device);

    /// <summary>Takes it back.</summary>
    void Withdraw(IBlockDevice device);

    /// <summary>Makes a network device visible.</summary>
    void Publish(INetworkDevice device);

    /// <summary>Takes it back.</summary>
    void Withdraw(INetworkDevice device);

    /// <summary>Makes a memory balloon visible.</summary>
    void Publish(IMemoryBalloon balloon);

    /// <summary>Takes it back.</summary>
    void Withdraw(IMemoryBalloon balloon);
}

/// <summary>Everything that a driver instance may touch.</summary>
public sealed class DriverContext
{
    /// <summary>The device that it is bound to.</summary>
    public required BusDevice Device { get; init; }

    /// <summary>Granted register windows by the name in the request.</summary>
    public required IReadOnlyDictionary<string, IRegisterWindow> Registers { get; init; }

    /// <summary>Granted interrupts by the name in the request.</summary>
    public required IReadOnlyDictionary<string, IInterrupt> Interrupts { get; init; }

    /// <summary>Memory for devices.</summary>
    public required IDmaMemory Dma { get; init; }

    /// <summary>The machine's memory, for the one driver that has declared it; null for others and where memory cannot change.</summary>
    public IDynamicMemory? DynamicMemory { get; init; }

    /// <summary>The processors, for drivers that keep something for each of them; null where there is one.</summary>
    public IProcessors? Processors { get; init; }

    /// <summary>The clock: timestamps and timers. Tests drive it.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Threads for work that comes again and again.</summary>
    public required IWorkThreads WorkThreads { get; init; }

    /// <summary>The instance's log; lines carry the device's name.</summary>
    public required ILog Log { get; init; }

    /// <summary>Where it publishes what it serves.</summary>
    public required IPublications Publications { get; init; }

    /// <summary>Options from the kernel's command line that start with the driver's name and a dot ("ata.pio=1" is "pio" → "1").</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}
