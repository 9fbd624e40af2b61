using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>Guest-physical memory as the kernel itself needs it.</summary>
internal interface IPhysicalMemory
{
    /// <summary>Copies memory, for example a firmware table.</summary>
    byte[] Read(ulong address, int length);

    /// <summary>Maps device registers, uncached. The mapping stays.</summary>
    /// <exception cref="KernelCallException">The range cannot be mapped.</exception>
    IRegisterWindow MapRegisters(ulong address, int length);
}
