namespace GuestOS.Kernel.Core;

/// <summary>Interrupts from processor to processor: by one hypercall where the hypervisor recommends it, else by the local APIC. Interrupts are off.</summary>
internal static unsafe class Ipi
{
    /// <summary>Set when the hypervisor takes them.</summary>
    public static bool UsesHypercall;

    /// <summary>Interrupts one processor.</summary>
    public static void Send(CpuArea* cpu, byte vector) => Send(1UL << cpu->Index, vector);

    /// <summary>Interrupts processors, bit by bit; never the calling one.</summary>
    public static void Send(ulong processors, byte vector)
    {
        if (processors == 0)
            return;
        if (UsesHypercall)
        {
            if (ProcessorCalls.TryInterrupt(processors, vector))
                return;
            UsesHypercall = false;
            HyperV.Drop(HypervisorUses.Ipi);
        }

        for (int i = 0; i < Smp.OnlineCount; i++)
        {
            if ((processors & (1UL << i)) != 0)
                LocalApic.SendIpi(Smp.Area(i)->ApicId, vector);
        }
    }
}
