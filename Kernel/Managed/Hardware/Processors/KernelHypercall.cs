using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Hardware;

/// <summary>Calls through the hypercall page, at its physical address: memory is mapped one to one.</summary>
internal sealed class KernelHypercall : IHypercall
{
    private readonly IHypercallEntry _entry;
    private ulong _page;
    private bool _wasExecutable;

    public KernelHypercall(IHypercallEntry entry) => _entry = entry;

    public bool IsInstalled => Volatile.Read(ref _page) != 0;

    public void Install(PhysicalAddress page)
    {
        try
        {
            _wasExecutable = _entry.SetExecutable(page.Value, true);
        }
        catch (KernelCallException exception)
        {
            // Rule H6: a page that is live outside of this machine's memory is nothing to jump to.
            throw new ArgumentException($"The hypercall page at {page} cannot be used: {exception.Message}", nameof(page), exception);
        }

        Volatile.Write(ref _page, page.Value);
    }

    public void Uninstall()
    {
        ulong page = Interlocked.Exchange(ref _page, 0);
        // What was there before, as the low-level kernel's own page is, stays.
        if (page != 0 && !_wasExecutable)
            _entry.SetExecutable(page, false);
    }

    public ulong Call(ulong control, ulong input, ulong output)
    {
        ulong page = Volatile.Read(ref _page);
        return page != 0 ? _entry.Call(page, control, input, output) : throw new InvalidOperationException("There is no hypercall page.");
    }
}
