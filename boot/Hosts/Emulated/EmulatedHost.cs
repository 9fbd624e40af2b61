using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Prerequisites;

namespace GuestOS.Boot.Hosts.Emulated;

/// <summary>QEMU with every instruction emulated: works wherever QEMU does, offers no hypervisor interface to the guest.</summary>
internal sealed class EmulatedHost : IHost
{
    /// <summary>The host's name on the command line.</summary>
    public const string HostName = "emulated";

    /// <inheritdoc/>
    public string Name => HostName;

    /// <inheritdoc/>
    public Job Needs => Job.Emulate;

    /// <inheritdoc/>
    public Task PrepareAsync(Action<string>? onProgress, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IGuest> CreateAsync(MachineSpec machine, CancellationToken cancellationToken) =>
        QemuGuest.StartAsync(machine, new LocalSite(QemuProgram.Installed, QemuAccelerator.Emulation), cancellationToken);

    /// <inheritdoc/>
    public string? Explain(GuestExit? exit, IReadOnlyList<GuestEvent> events, string? processors) => null;
}
