using GuestOS.Kernel.Core;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Hardware;

/// <summary>
/// CPUID, the time-stamp counter and model-specific registers: single instructions, since everything runs at the highest privilege.
/// Only a register that may not exist goes through the low-level kernel, which catches the fault.
/// </summary>
internal sealed unsafe class KernelRegisters : ICpuId, ITimestampCounter, IMsr
{
    CpuIdResult ICpuId.Read(uint leaf, uint subleaf)
    {
        uint* result = stackalloc uint[4];
        KernelEntry.CpuId(leaf, subleaf, result);
        return new CpuIdResult(result[0], result[1], result[2], result[3]);
    }

    ulong ITimestampCounter.Read() => KernelEntry.ReadTsc();

    public ulong Read(uint register) => KernelEntry.ReadMsr(register);

    public void Write(uint register, ulong value) => KernelEntry.WriteMsr(register, value);

    public bool TryRead(uint register, out ulong value)
    {
        ulong read = 0;
        bool exists = KernelEntry.Call(KernelCall.MsrRead, register, (ulong)&read) == 0;
        value = read;
        return exists;
    }

    public bool TryWrite(uint register, ulong value) => KernelEntry.Call(KernelCall.MsrWrite, register, value) == 0;
}
