namespace GuestOS.Machine.Processors;

/// <summary>The CPUID instruction.</summary>
public interface ICpuId
{
    /// <summary>Reads a leaf. A leaf above the highest one gives whatever the processor gives.</summary>
    CpuIdResult Read(uint leaf, uint subleaf = 0);
}
