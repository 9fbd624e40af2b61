using GuestOS.Drivers.Synthetic.Balloon;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.Memory;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

/// <summary>The driver on a simulated host: from its verbs to the bytes of the ring.</summary>
internal sealed class BalloonBus : SimulatedGuest
{
    public BalloonBus(int seed = 1, SimulatedDynamicMemory? memory = null, string? version = null)
        : this(seed, memory ?? new SimulatedDynamicMemory(1024 * ScriptedHost.PagesPerMiB), version is null ? [] : [("version", version)])
    {
    }

    private BalloonBus(int seed, SimulatedDynamicMemory ram, (string Name, string Value)[] options)
        : base(new SimulatedGuestOptions { Seed = seed, DynamicMemory = ram, DriverOptions = DriverSetup.Inline(options) })
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Ram = ram;
        Drivers.Add(new BalloonDriver());
    }

    /// <summary>What the host takes and gives.</summary>
    public SimulatedDynamicMemory Ram { get; }

    public IDriverInstance? Instance => Bound.Values.SingleOrDefault();

    public List<BalloonChange> Changes { get; } = [];

    /// <summary>The host may have found fault with an answer, since it had asked for it.</summary>
    public bool AllowsGuestErrors { get; set; }

    public override void Publish(IMemoryBalloon balloon)
    {
        base.Publish(balloon);
        balloon.Changed += Changes.Add;
    }

    /// <summary>The host saw nothing wrong, no memory that it may still use was freed, and no page is lost.</summary>
    protected override void Dispose(bool disposing)
    {
        Advance(0);
        Assert.Empty(Memory.Violations);
        Assert.Empty(Escaped);
        if (!AllowsGuestErrors)
            Assert.Empty(Host.GuestErrors);
        DynamicMemoryFigures figures = Ram.Read();
        Assert.Equal(figures.Total, figures.Free + figures.Taken + figures.Committed);
        base.Dispose(disposing);
    }
}
