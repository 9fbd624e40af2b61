using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>
/// A message or event page of one processor. A page that is enabled already belongs to the kernel below, which takes its timers'
/// messages there: it is used where it is, and stays enabled.
/// </summary>
internal sealed class SynIcPage : IDisposable
{
    private readonly ProcessorPlatform _platform;
    private readonly uint _register;
    private readonly bool _isOwn;
    private readonly DmaBuffer _page;

    private SynIcPage(ProcessorPlatform platform, uint register, bool isOwn, DmaBuffer page)
    {
        _platform = platform;
        _register = register;
        _isOwn = isOwn;
        _page = page;
    }

    /// <summary>Enables or adopts the page; on the processor itself.</summary>
    /// <param name="platform">The machine.</param>
    /// <param name="register">SIMP or SIEFP.</param>
    public static SynIcPage Enable(ProcessorPlatform platform, uint register)
    {
        var value = platform.Msr.Read(register);
        if ((value & Msr.PageEnable) != 0)
        {
            var live = new PhysicalAddress(value & ~(Msr.PagePreserved | Msr.PageEnable));
            return new SynIcPage(platform, register, isOwn: false, platform.SharedPages.Adopt(live));
        }

        var page = platform.Dma.Allocate(4096, DmaConstraints.None);
        platform.Msr.Write(register, (value & Msr.PagePreserved) | page.PhysicalAddress.Value | Msr.PageEnable);
        return new SynIcPage(platform, register, isOwn: true, page);
    }

    /// <summary>The slot or flag area of a source.</summary>
    public Span<byte> Area(int offset, int length) => _page.GetSpan().Slice(offset, length);

    /// <summary>The hypervisor writes no more to a page of our own; on the processor itself.</summary>
    public void Disable()
    {
        if (_isOwn)
            _platform.Msr.Write(_register, _platform.Msr.Read(_register) & Msr.PagePreserved);
    }

    /// <inheritdoc/>
    public void Dispose() => _page.Dispose();
}
