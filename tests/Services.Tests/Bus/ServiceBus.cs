using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.VmBus;
using GuestOS.Services.KeyValue;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Services.Tests.Bus;

/// <summary>A guest with all services on a simulated host: from the driver to the bytes of the ring.</summary>
internal sealed class ServiceBus : SimulatedGuest
{
    public ServiceBus(int seed = 1, VmBusVersion? hostVersion = null)
        : base(new SimulatedGuestOptions { Seed = seed, Host = hostVersion is { } version ? new VmBusHostOptions { HighestVersion = version } : null })
    {
        Wall = new FakeWallClock(Clock);
        var facts = new GuestFacts { ServicesVersion = "1", OsName = "GuestOS", KernelVersion = "1.2.3", BuildNumber = "3", MajorVersion = "1", MinorVersion = "2" };
        Services = new GuestServices(facts, Wall, Power, Partition.Platform.Executor, Clock, Log);
        Drivers.AddRange(Services.Drivers);
    }

    public FakeWallClock Wall { get; }

    public FakePower Power { get; } = new();

    public GuestServices Services { get; }

    public ulong ReferenceTime => Partition.ReferenceTime;

    /// <summary>The host may have found fault with an answer, since it had asked for it.</summary>
    public bool AllowsGuestErrors { get; set; }

    public IDriverInstance Instance => Assert.Single(Bound).Value;

    /// <summary>The host saw nothing wrong, and no memory that it may still use was freed.</summary>
    protected override void Dispose(bool disposing)
    {
        Advance(0);
        Assert.Empty(Memory.Violations);
        Assert.Empty(Escaped);
        if (!AllowsGuestErrors)
            Assert.Empty(Host.GuestErrors);
        base.Dispose(disposing);
    }
}
