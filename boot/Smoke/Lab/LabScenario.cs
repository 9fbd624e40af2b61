using System.Globalization;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Lab;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>A scenario of the lab: what a guest makes of Hyper-V's interface as KVM and QEMU have it.</summary>
/// <param name="name">Unique name, which gets the host's before it.</param>
/// <param name="description">What it shows, one line.</param>
internal abstract class LabScenario(string name, string description) : Scenario("lab-" + name, description)
{
    /// <summary>What CPUID 0x40000000 says of a machine with Hyper-V's interface.</summary>
    protected const string HyperVSignature = "Microsoft Hv";

    private const int SoakSeconds = 3;
    private const int SoakSecondsWithHpet = 15;

    /// <summary>Time that a guest needs in the lab beyond an emulated one: every exit to QEMU takes some 50 µs there.</summary>
    protected static readonly TimeSpan LabTime = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public override string HostName => LabHost.HostName;

    /// <inheritdoc/>
    public override IReadOnlyList<ImageFormat> Formats => [ImageFormat.Elf];

    /// <summary>
    /// A machine as the lab's scenarios use it: direct boot, no display, which would cost an exit for each character, and the debug port.
    /// </summary>
    /// <param name="context">Where the medium comes from.</param>
    /// <param name="cpus">Processors.</param>
    /// <param name="append">Kernel options.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    protected async Task<MachineSpec> MachineAsync(ScenarioContext context, int cpus, string append, CancellationToken cancellationToken) => new()
    {
        Name = Name,
        Boot = await context.Media.GetAsync(ImageFormat.Elf, cancellationToken).ConfigureAwait(false),
        Cpus = cpus,
        Append = append,
        DebugExit = true,
        HasDisplay = false,
        Hypervisor = HypervisorSpec.HyperV,
    };

    /// <summary>
    /// A short soak, for <see cref="ScenarioContext.Tests"/>: long enough for each of its kinds of work to get its turn, slow as the lab is on
    /// a busy machine.
    /// </summary>
    /// <param name="hasClock">Whether the machine has Hyper-V's clock. Without it, each look at the clock is an exit to QEMU's HPET.</param>
    protected static string Soak(bool hasClock = true) =>
        string.Create(CultureInfo.InvariantCulture, $"soak:{(hasClock ? SoakSeconds : SoakSecondsWithHpet)}");

    /// <summary>Boots a machine whose self-tests end it, waits for the end, and fails unless all passed.</summary>
    /// <returns>The machine, which has ended.</returns>
    protected static async Task<IGuest> RunAsync(ScenarioContext context, MachineSpec machine, TimeSpan work, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(machine, cancellationToken).ConfigureAwait(false);
        await context.EndPassedAsync(guest, LabTime + work, cancellationToken).ConfigureAwait(false);
        ScenarioContext.Single(guest, "ready");
        return guest;
    }

    /// <summary>Fails unless the guest met the hypervisor and the processors that the machine has.</summary>
    /// <returns>The event <c>boot</c>.</returns>
    protected static GuestEvent CheckBoot(IGuest guest, string signature)
    {
        var boot = ScenarioContext.Single(guest, "boot");
        ScenarioContext.CheckEqual("pvh", boot.Text("protocol"), "boot protocol");
        ScenarioContext.CheckEqual(guest.Machine.Cpus, boot.Number("cpus"), "processors");
        ScenarioContext.CheckEqual(signature, boot.Text("hypervisor"), "hypervisor");
        return boot;
    }

    /// <summary>Fails unless code ran on each processor and each took its interrupts.</summary>
    protected static void CheckProcessors(IGuest guest)
    {
        var processors = ScenarioContext.Single(guest, "processors");
        ScenarioContext.CheckEqual(guest.Machine.Cpus, processors.Number("cpus"), "processors that ran code");
        ScenarioContext.Check(processors.Number("interrupts") > 0, "no processor took an interrupt of its own");
    }

    /// <summary>Waits until the device has all answers and takes targets.</summary>
    protected static Task WaitUntilIdleAsync(ScenarioContext context, IGuest guest, TimeSpan work, CancellationToken cancellationToken) =>
        context.LimitAsync(
            async limit =>
            {
                await DeviceOf(guest).WaitUntilIdleAsync(limit).ConfigureAwait(false);
                return true;
            },
            "QEMU's dynamic memory device was not idle",
            work,
            cancellationToken);

    /// <summary>Waits for a status report of the guest's; those that were made before what the scenario did last may come first.</summary>
    /// <param name="context">The scenario's.</param>
    /// <param name="guest">The machine.</param>
    /// <param name="match">The report.</param>
    /// <param name="what">Describes the report in messages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    protected static Task WaitForStatusAsync(
        ScenarioContext context, IGuest guest, Func<MemoryStatus, bool> match, string what, CancellationToken cancellationToken)
    {
        var monitor = ScenarioContext.MonitorOf(guest);
        MemoryStatus? status = null;
        return context.LimitAsync(
            async limit =>
            {
                while ((status = await monitor.TryQueryStatusAsync(limit).ConfigureAwait(false)) is null || !match(status))
                    await Task.Delay(PollInterval, limit).ConfigureAwait(false);
                return true;
            },
            () => $"no status report {what} came (the last one: {status?.ToString() ?? "none"})",
            LabTime,
            cancellationToken);
    }

    /// <summary>The machine's dynamic memory device.</summary>
    protected static MemoryDevice DeviceOf(IGuest guest) => new(ScenarioContext.MonitorOf(guest), () => guest.HostMessages);
}
