using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Testing.Guests;

/// <summary>Counts hypercalls, and what the simulated hypervisor allocates in them, which is not the guest's.</summary>
public sealed class MeteredHypercall(IHypercall inner) : IHypercall
{
    /// <summary>Hypercalls so far.</summary>
    public long Calls { get; private set; }

    /// <summary>Bytes of the managed heap that this thread allocated in them.</summary>
    public long AllocatedInside { get; private set; }

    /// <inheritdoc/>
    public bool IsInstalled => inner.IsInstalled;

    /// <inheritdoc/>
    public void Install(PhysicalAddress page) => inner.Install(page);

    /// <inheritdoc/>
    public void Uninstall() => inner.Uninstall();

    /// <inheritdoc/>
    public ulong Call(ulong control, ulong input, ulong output)
    {
        Calls++;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = inner.Call(control, input, output);
        AllocatedInside += GC.GetAllocatedBytesForCurrentThread() - before;
        return result;
    }
}
