namespace GuestOS.Boot.Hosts;

/// <summary>What a machine shows of its hypervisor.</summary>
internal sealed record HypervisorSpec
{
    /// <summary>Hyper-V with all that the standard machines have: <see cref="Enlightenment.Standard"/>, VMBus, dynamic memory.</summary>
    public static HypervisorSpec HyperV { get; } = new() { Enlightenments = Enlightenment.Standard, HasVmBus = true, Balloon = new BalloonSpec() };

    /// <summary>KVM under its own name, nothing of Hyper-V.</summary>
    public static HypervisorSpec Kvm { get; } = new() { HasKvmInterface = true };

    /// <summary>None: the machine says that it is bare hardware.</summary>
    public static HypervisorSpec None { get; } = new() { IsAnnounced = false };

    /// <summary>Whether CPUID tells that there is a hypervisor (leaf 1, ECX bit 31).</summary>
    public bool IsAnnounced { get; init; } = true;

    /// <summary>Whether KVM's own interface is there: at leaf 0x40000000, or behind Hyper-V's when there are enlightenments.</summary>
    public bool HasKvmInterface { get; init; }

    /// <summary>Parts of Hyper-V's interface, by the names of <see cref="Enlightenment"/>; none means no Hyper-V.</summary>
    public IReadOnlyList<string> Enlightenments { get; init; } = [];

    /// <summary>Whether there is a VMBus. It needs <see cref="Enlightenment.Synic"/>.</summary>
    public bool HasVmBus { get; init; }

    /// <summary>The dynamic memory device on VMBus; null for none.</summary>
    public BalloonSpec? Balloon { get; init; }

    /// <summary>The same without one enlightenment, and without all that cannot be had without it.</summary>
    /// <param name="enlightenment">What to leave out.</param>
    public HypervisorSpec Without(string enlightenment)
    {
        var left = Enlightenment.Without(Enlightenments, enlightenment);
        var hasVmBus = HasVmBus && left.Contains(Enlightenment.Synic);
        return this with { Enlightenments = left, HasVmBus = hasVmBus, Balloon = hasVmBus ? Balloon : null };
    }
}

/// <summary>A dynamic memory device.</summary>
internal sealed record BalloonSpec
{
    /// <summary>Its name on the host.</summary>
    public const string DeviceId = "balloon";

    /// <summary>Whether the host keeps the guest's status reports, to be asked for.</summary>
    public bool KeepsStatus { get; init; } = true;

    /// <summary>Memory that the host adds when the target is above the machine's own, in MiB; 0 for none. Needs <see cref="MachineSpec.MaxMemoryMiB"/>.</summary>
    public int AddableMiB { get; init; }
}
