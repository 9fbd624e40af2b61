using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>Single registers of the hypervisor, each used only where it is offered.</summary>
public sealed class HypervisorRegisters
{
    private readonly IMsr _msr;
    private readonly HypervisorInfo _info;

    /// <param name="msr">Registers.</param>
    /// <param name="info">What is offered.</param>
    public HypervisorRegisters(IMsr msr, HypervisorInfo info)
    {
        _msr = msr;
        _info = info;
    }

    private bool HasFrequencies => _info.Has(PartitionPrivileges.Frequencies) && _info.Has(HypervisorFeatures.Frequencies);

    /// <summary>Hz of the time-stamp counter.</summary>
    public bool TryReadTscFrequency(out ulong hertz) => TryRead(HasFrequencies, Msr.TscFrequency, out hertz);

    /// <summary>Hz of the APIC timer before its divider.</summary>
    public bool TryReadApicFrequency(out ulong hertz) => TryRead(HasFrequencies, Msr.ApicFrequency, out hertz);

    /// <summary>Time that the calling processor has run, 100 ns.</summary>
    public bool TryReadRunTime(out ulong time) => TryRead(_info.Has(PartitionPrivileges.VpRuntime), Msr.VpRuntime, out time);

    /// <summary>Halts the calling processor until an interrupt is pending, even with interrupts off.</summary>
    public bool TryIdle() => TryRead(_info.Has(PartitionPrivileges.GuestIdle), Msr.GuestIdle, out _);

    /// <summary>Asks for an invariant time-stamp counter.</summary>
    public bool TryMakeTscInvariant()
    {
        if (!_info.Has(PartitionPrivileges.TscInvariant))
            return false;
        _msr.Write(Msr.TscInvariant, 1);
        return true;
    }

    /// <summary>Resets the machine; returns only when the host has no such register or did not act.</summary>
    public bool TryReset()
    {
        if (!_info.Has(PartitionPrivileges.Reset))
            return false;
        _msr.Write(Msr.Reset, 1);
        return true;
    }

    private bool TryRead(bool isOffered, uint register, out ulong value)
    {
        value = isOffered ? _msr.Read(register) : 0;
        return isOffered;
    }
}
