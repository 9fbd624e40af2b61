using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The real one.</summary>
internal sealed class KernelHypercallEntry : IHypercallEntry
{
    public bool SetExecutable(ulong page, bool isExecutable) => KernelEntry.Require(KernelCall.PageExecutable, page, isExecutable ? 1UL : 0) != 0;

    public ulong Call(ulong page, ulong control, ulong input, ulong output) => KernelEntry.Hypercall(page, control, input, output);
}
