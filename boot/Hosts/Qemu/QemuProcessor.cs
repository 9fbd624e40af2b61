using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>The processor of a machine, as QEMU's option <c>-cpu</c> has it.</summary>
internal static class QemuProcessor
{
    /// <summary>The option's value.</summary>
    /// <exception cref="ToolException">The host has no such hypervisor, or QEMU cannot make it.</exception>
    public static string For(MachineSpec machine, QemuAccelerator accelerator)
    {
        if (accelerator == QemuAccelerator.Emulation)
            return Emulated(machine);
        var hypervisor = machine.Hypervisor ?? HypervisorSpec.HyperV;
        Verify(machine, hypervisor);
        List<string> parts = ["host", hypervisor.HasKvmInterface ? "kvm=on" : "kvm=off"];
        if (!hypervisor.IsAnnounced)
            parts.Add("hypervisor=off");
        parts.AddRange(hypervisor.Enlightenments);
        return string.Join(',', parts);
    }

    private static string Emulated(MachineSpec machine)
    {
        if (machine.Hypervisor is { IsAnnounced: true })
            throw new ToolException($"{machine.Name}: emulation offers no hypervisor interface to the guest; this machine needs the host {Lab.LabHost.HostName}.");
        return machine.Hypervisor is null ? "max" : "max,hypervisor=off";
    }

    private static void Verify(MachineSpec machine, HypervisorSpec hypervisor)
    {
        if (!hypervisor.IsAnnounced && (hypervisor.HasKvmInterface || hypervisor.Enlightenments.Count != 0))
            throw new ToolException($"{machine.Name}: a hypervisor that is not announced can have no interface.");
        if (hypervisor.HasVmBus && !hypervisor.Enlightenments.Contains(Enlightenment.Synic))
            throw new ToolException($"{machine.Name}: VMBus needs {Enlightenment.Synic}.");
        if (hypervisor.Balloon is not null && !hypervisor.HasVmBus)
            throw new ToolException($"{machine.Name}: the dynamic memory device needs VMBus.");
        if (hypervisor.Balloon is { AddableMiB: > 0 } && machine.MaxMemoryMiB == 0)
            throw new ToolException($"{machine.Name}: memory can only be added to a machine with {nameof(MachineSpec.MaxMemoryMiB)}.");
    }
}
