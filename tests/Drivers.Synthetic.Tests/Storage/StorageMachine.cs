using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using GuestOS.Testing.Guests;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>A guest whose host offers storage, with the driver bound to whatever is offered.</summary>
internal sealed class StorageMachine : SimulatedGuest
{
    public StorageMachine(
        int seed = 1,
        int processors = 1,
        ManualTimeProvider? clock = null,
        SimulatedMemory? memory = null,
        VmBusHostOptions? host = null,
        params (string Name, string Value)[] options)
        : base(new SimulatedGuestOptions
        {
            Seed = seed,
            Processors = processors,
            Clock = clock,
            Memory = memory,
            Host = host,
            DriverOptions = DriverSetup.Inline(options),
        })
    {
        Drivers.Add(new StorvscDriver());
    }

    /// <summary>Called with what is published; the list is kept anyway.</summary>
    public Action<IBlockDevice>? OnPublish { get; set; }

    /// <summary>Called with what is withdrawn.</summary>
    public Action<IBlockDevice>? OnWithdraw { get; set; }

    /// <summary>The bindings that are left.</summary>
    public IEnumerable<StorvscController> Controllers => Bound.Values.Cast<StorvscController>();

    public StorvscController Controller => Controllers.Single();

    public IBlockDevice Device(string name) => Disks.Single(device => device.Name == name);

    public override void Publish(IBlockDevice device)
    {
        base.Publish(device);
        OnPublish?.Invoke(device);
    }

    public override void Withdraw(IBlockDevice device)
    {
        base.Withdraw(device);
        OnWithdraw?.Invoke(device);
    }

    /// <summary>Everything that is due soon, and what follows from it.</summary>
    public override void Settle() => Clock.Advance(TimeSpan.FromSeconds(1));

    /// <summary>The guest kept the protocol, and no memory was touched that must not be.</summary>
    public void AssertClean()
    {
        Require(Escaped.Count == 0, string.Join("; ", Escaped));
        Require(Host.GuestErrors.Count == 0, string.Join("; ", Host.GuestErrors));
        Require(Memory.Violations.IsEmpty, string.Join("; ", Memory.Violations));
    }
}
