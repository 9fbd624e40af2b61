namespace GuestOS.Machine.Processors;

/// <summary>What one CPUID leaf holds.</summary>
/// <param name="Eax">EAX.</param>
/// <param name="Ebx">EBX.</param>
/// <param name="Ecx">ECX.</param>
/// <param name="Edx">EDX.</param>
public readonly record struct CpuIdResult(uint Eax, uint Ebx, uint Ecx, uint Edx);
