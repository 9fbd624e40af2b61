using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Testing.Guests;

/// <summary>What a <see cref="SimulatedGuest"/> and its host are like.</summary>
public sealed record SimulatedGuestOptions
{
    /// <summary>Orders what is due at the same moment, places memory, and feeds <see cref="ClockedMachine.Random"/>.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Virtual processors.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>The hypervisor's number of each processor.</summary>
    public Func<int, uint> VpIndexOf { get; init; } = static processor => (uint)processor;

    /// <summary>How the guest's connection behaves.</summary>
    public VmBusOptions? Bus { get; init; }

    /// <summary>Time; null for a clock of its own.</summary>
    public ManualTimeProvider? Clock { get; init; }

    /// <summary>Memory; null for some of its own.</summary>
    public SimulatedMemory? Memory { get; init; }

    /// <summary>What memory of its own is made of; null: it allocates.</summary>
    public PinnedArrays? Arrays { get; init; }

    /// <summary>Memory that the host takes and adds; null for a machine whose memory is fixed.</summary>
    public IDynamicMemory? DynamicMemory { get; init; }

    /// <summary>What the host is like.</summary>
    public VmBusHostOptions? Host { get; init; }

    /// <summary>Replaces parts of the machine.</summary>
    public Func<ProcessorPlatform, ProcessorPlatform>? Platform { get; init; }

    /// <summary>Longest simulated time that one wait may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Options of the drivers.</summary>
    public IReadOnlyDictionary<string, string> DriverOptions { get; init; } = new Dictionary<string, string>();
}
