using System.Runtime;
using System.Runtime.CompilerServices;

namespace GuestOS.Kernel.Core;

/// <summary>How an idle processor waits: HLT, or the hypervisor's idle register (TLFS 10.1.4), which tells it that the wait may be long.</summary>
internal static unsafe class IdleProcessor
{
    /// <summary>
    /// Makes the idle threads of all processors read the register; false when it does not answer. The read waits for an interrupt whether
    /// they are allowed or not, so it is tried with one under way.
    /// </summary>
    public static bool UseRegister()
    {
        if (!LocalApic.Present)
            return false;
        LocalApic.SendIpi(LocalApic.Id(), Vectors.Reschedule);
        ulong value;
        if (Cpu.TryReadMsr(HyperVMsr.GuestIdle, &value) == 0)
            return false;
        SetRegister(HyperVMsr.GuestIdle);
        return true;
    }

    /// <summary>Sets what trap_idle reads (boot/entry/traps.asm).</summary>
    [RuntimeImport("*", "trap_set_idle_register"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void SetRegister(uint register);
}
