namespace GuestOS.Kernel.Core;

/// <summary>
/// What CPUID returns. A plain structure, not a stackalloc: that would make the compiler guard the frame with the runtime's stack cookie,
/// which changes when the runtime starts.
/// </summary>
internal struct CpuIdResult
{
    /// <summary>The registers, in the order in which <see cref="Cpu.CpuId"/> stores them.</summary>
    public uint Eax, Ebx, Ecx, Edx;

    /// <summary>Executes CPUID.</summary>
    public static unsafe void Read(uint leaf, uint subleaf, out CpuIdResult result)
    {
        CpuIdResult registers;
        Cpu.CpuId(leaf, subleaf, (uint*)&registers);
        result = registers;
    }
}
