using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Counts hypercalls, and what the simulated hypervisor allocates in them, which is not the guest's.</summary>
internal sealed class MeteredHypercall(IHypercall inner) : IHypercall
{
    public long Calls { get; private set; }

    public long AllocatedInside { get; private set; }

    public bool IsInstalled => inner.IsInstalled;

    public void Install(PhysicalAddress page) => inner.Install(page);

    public void Uninstall() => inner.Uninstall();

    public ulong Call(ulong control, ulong input, ulong output)
    {
        Calls++;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = inner.Call(control, input, output);
        AllocatedInside += GC.GetAllocatedBytesForCurrentThread() - before;
        return result;
    }
}
