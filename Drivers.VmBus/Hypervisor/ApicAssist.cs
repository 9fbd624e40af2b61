using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>
/// The assist pages of all processors (TLFS 10.5): an end of interrupt that the hypervisor does not need is not written. Used where the
/// host recommends the APIC registers.
/// </summary>
public sealed class ApicAssist : IDisposable
{
    private readonly ProcessorPlatform _platform;
    private readonly DmaBuffer[] _pages;

    private ApicAssist(ProcessorPlatform platform)
    {
        _platform = platform;
        _pages = new DmaBuffer[platform.Processors.Count];
        for (var processor = 0; processor < _pages.Length; processor++)
        {
            var page = _pages[processor] = platform.Dma.Allocate(4096, DmaConstraints.None);
            platform.Processors.Run(processor, () =>
            {
                var old = platform.Msr.Read(Msr.VpAssistPage);
                platform.Msr.Write(Msr.VpAssistPage, (old & Msr.PagePreserved) | page.PhysicalAddress.Value | Msr.PageEnable);
            });
        }
    }

    /// <summary>Starts it; null when the partition has no such registers, or the host does not recommend them.</summary>
    public static ApicAssist? TryStart(ProcessorPlatform platform, HypervisorInfo info)
    {
        ArgumentNullException.ThrowIfNull(platform);
        ArgumentNullException.ThrowIfNull(info);
        return info.Has(PartitionPrivileges.ApicRegisters) && info.Has(HypervisorHints.ApicRegisters) ? new ApicAssist(platform) : null;
    }

    /// <summary>Ends the interrupt in service on the calling processor: only when the hypervisor has not said that it need not be ended.</summary>
    /// <returns>True when the register was written.</returns>
    public bool EndOfInterrupt(int processor)
    {
        ref var word = ref MemoryMarshal.AsRef<uint>(_pages[processor].GetSpan()[VpAssistLayout.ApicAssist..]);
        if ((Interlocked.And(ref word, ~VpAssistLayout.NoEoiRequired) & VpAssistLayout.NoEoiRequired) != 0)
            return false;
        _platform.Msr.Write(Msr.Eoi, 0);
        return true;
    }

    /// <summary>Gives the pages back.</summary>
    public void Dispose()
    {
        for (var processor = 0; processor < _pages.Length; processor++)
        {
            _platform.Processors.Run(
                processor, () => _platform.Msr.Write(Msr.VpAssistPage, _platform.Msr.Read(Msr.VpAssistPage) & Msr.PagePreserved));
            _pages[processor].Dispose();
        }
    }
}
