namespace GuestOS.Kernel.Hardware;

/// <summary>What <see cref="KernelHypercall"/> needs of the low-level kernel.</summary>
internal interface IHypercallEntry
{
    /// <summary>Lets a page of memory be executed, or not any more.</summary>
    /// <returns>Whether it could be before.</returns>
    /// <exception cref="KernelCallException">It is no page of this machine's memory.</exception>
    bool SetExecutable(ulong page, bool isExecutable);

    /// <summary>A hypercall through the page.</summary>
    /// <returns>The hypervisor's result value.</returns>
    ulong Call(ulong page, ulong control, ulong input, ulong output);
}
