using GuestOS.Kernel.Core;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>Guest-physical memory as the kernel itself needs it: firmware tables and device registers.</summary>
internal sealed unsafe class PhysicalMemory : IPhysicalMemory
{
    /// <summary>End of the identity map.</summary>
    private const ulong IdentityEnd = 512UL << 30;

    public byte[] Read(ulong address, int length)
    {
        if (address == 0 || address >= IdentityEnd || (ulong)length > IdentityEnd - address)
            throw new ArgumentOutOfRangeException(nameof(address), "The range is not in the identity map.");
        return new ReadOnlySpan<byte>((void*)address, length).ToArray();
    }

    public IRegisterWindow MapRegisters(ulong address, int length)
    {
        ulong mapping = KernelEntry.Require(KernelCall.MapDevice, address, (ulong)length);
        return new MmioWindow((nuint)mapping, address, length);
    }
}
