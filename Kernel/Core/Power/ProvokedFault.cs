namespace GuestOS.Kernel.Core;

/// <summary>Faults on purpose, for the self-tests of the panic path.</summary>
internal static unsafe class ProvokedFault
{
    /// <summary>Nothing is ever mapped here: between device registers and mappings.</summary>
    private const ulong Unmapped = 0x0000_0800_0000_0000;

    public static void Provoke(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.Fault:
                *(ulong*)Unmapped = 1;
                break;
            case FaultKind.DoubleFault:
                // With the fault stack unmapped, the page fault cannot be delivered.
                CpuArea* cpu = Cpu.Self();
                *(ulong*)(cpu->TaskState + 44) = Unmapped;
                *(ulong*)Unmapped = 1;
                break;
        }
    }
}
