using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>What the event log must say of VMBus on QEMU's bridge: contact, dynamic memory on it, and an orderly end.</summary>
internal static class VmBusExpectation
{
    /// <summary>The newest version that QEMU's bridge speaks.</summary>
    public const string BridgeVersion = "4.0";

    /// <summary>The newest version of dynamic memory that QEMU's device speaks.</summary>
    private const string BalloonVersion = "2.0";

    /// <summary>Fails unless a machine that has ended was connected, served dynamic memory, and disconnected before it stopped.</summary>
    /// <param name="guest">The machine.</param>
    /// <param name="version">Version of VMBus.</param>
    public static void Check(IGuest guest, string version)
    {
        var states = guest.Events.Of("vmbus");
        ScenarioContext.CheckEqual("connected disconnected", string.Join(' ', states.Select(e => e.Text("state"))), "states of VMBus");
        ScenarioContext.CheckEqual(version, states[0].Text("version"), "version of VMBus");
        ScenarioContext.CheckEqual(1, states[0].Number("devices"), "devices offered");
        foreach (var state in states)
            ScenarioContext.CheckEqual(null, state.Text("error"), $"error of VMBus when {state.Text("state")}");

        var balloon = guest.Events.Of("device").Where(e => e.Text("bus") == "vmbus").Select(e => e.Text("state")).ToList();
        ScenarioContext.CheckEqual("attached started detached", string.Join(' ', balloon), "states of the dynamic memory device");
        var agreed = guest.Events.Of("balloon").FirstOrDefault(e => e.Text("operation") == "negotiated");
        ScenarioContext.CheckEqual(BalloonVersion, agreed?.Text("version"), "version of dynamic memory");

        var order = guest.Events.Snapshot.Select(e => e.Kind).ToList();
        ScenarioContext.Check(order.LastIndexOf("vmbus") < order.IndexOf("poweroff"), "VMBus was disconnected after the machine was about to stop");
    }

    /// <summary>Fails unless the guest tried no contact, or had none.</summary>
    /// <param name="guest">A machine with Hyper-V's interface that has ended.</param>
    public static void CheckAbsent(IGuest guest)
    {
        var state = ScenarioContext.Single(guest, "vmbus");
        ScenarioContext.CheckEqual("absent", state.Text("state"), "state of VMBus");
        ScenarioContext.Check(!string.IsNullOrEmpty(state.Text("error")), "the guest does not say why there is no VMBus");
        ScenarioContext.CheckEqual(0, guest.Events.Of("balloon").Count, "events of dynamic memory");
    }
}
