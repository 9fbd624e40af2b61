namespace GuestOS.Kernel.Core;

/// <summary>Sets up one processor: descriptor tables, interrupt stacks, system call registers, FPU.</summary>
internal static unsafe class Processor
{
    public const ushort TaskSelector = 0x18;

    /// <summary>Base of FS, loaded by boot/entry/traps.asm whenever the thread changes.</summary>
    public const uint MsrFsBase = 0xC000_0100;

    private const uint MsrStar = 0xC000_0081;
    private const uint MsrLstar = 0xC000_0082;
    private const uint MsrSfmask = 0xC000_0084;
    private const uint MsrGsBase = 0xC000_0101;

    /// <summary>Cleared on a system call: trap, interrupt enable, direction, alignment check.</summary>
    private const ulong SyscallFlagMask = (1 << 8) | (1 << 9) | (1 << 10) | (1 << 18);

    private const ulong StackPages = 4;

    /// <summary>Interrupts, faults, NMI, and double fault with machine check have a stack each, so that none overwrites another's.</summary>
    private const int InterruptStack = 1;
    private const int FaultStack = 2;
    private const int NmiStack = 3;
    private const int DoubleFaultStack = 4;
    private const int StackCount = 4;

    private struct IdtStorage
    {
        public fixed ulong Entries[512];
    }

    private static IdtStorage s_idt;

    /// <summary>Fills the interrupt table, shared by all processors.</summary>
    public static void BuildInterruptTable()
    {
        ulong* vectors = Link.TrapVectors();
        fixed (ulong* entries = s_idt.Entries)
        {
            for (int vector = 0; vector < 256; vector++)
            {
                int stack = vector switch
                {
                    Vectors.Nmi => NmiStack,
                    Vectors.DoubleFault or Vectors.MachineCheck => DoubleFaultStack,
                    < Vectors.Exceptions => FaultStack,
                    _ => InterruptStack,
                };
                ulong address = vectors[vector];
                // 64-bit interrupt gate, present, ring 0.
                entries[vector * 2] = (address & 0xFFFF) | (TrapFrame.CodeSelector << 16) | ((ulong)stack << 32)
                    | (0x8EUL << 40) | ((address & 0xFFFF_0000) << 32);
                entries[(vector * 2) + 1] = address >> 32;
            }
        }
    }

    /// <summary>Memory of one processor: its area, kernel stack and interrupt stacks. Null when none is left.</summary>
    public static CpuArea* Allocate(int index, uint apicId)
    {
        CpuArea* cpu = (CpuArea*)PhysicalMemory.AllocateContiguous(1, ulong.MaxValue, 0);
        ulong stack = PhysicalMemory.AllocateContiguous(StackPages, ulong.MaxValue, 0);
        if (cpu == null || stack == 0)
            return null;
        cpu->Self = cpu;
        cpu->Index = index;
        cpu->ApicId = apicId;
        cpu->InKernel = 1;
        cpu->KernelStackTop = stack + (StackPages << Page.Shift);
        for (int i = 1; i <= StackCount; i++)
        {
            ulong interruptStack = PhysicalMemory.AllocatePage();
            if (interruptStack == 0)
                return null;
            // TSS: IST1 at offset 36.
            *(ulong*)(cpu->TaskState + 36 + ((i - 1) * 8)) = interruptStack + Page.Size;
        }

        *(ushort*)(cpu->TaskState + 102) = 104;
        ulong tss = (ulong)cpu->TaskState;
        cpu->Gdt[1] = 0x00AF_9A00_0000_FFFF;
        cpu->Gdt[2] = 0x00CF_9200_0000_FFFF;
        cpu->Gdt[3] = 103 | ((tss & 0xFF_FFFF) << 16) | (0x89UL << 40) | ((tss >> 24 & 0xFF) << 56);
        cpu->Gdt[4] = tss >> 32;
        cpu->Idle = ThreadTable.Create(isIdle: true);
        if (cpu->Idle == null)
            return null;
        cpu->Idle->Id = -index;
        cpu->Idle->Cpu = index;
        cpu->Idle->State = ThreadState.Running;
        cpu->Idle->Affinity = 1UL << index;
        cpu->Idle->Frame.Rip = Link.TrapIdle();
        cpu->Idle->Frame.Rsp = (ulong)cpu + Page.Size;
        return cpu;
    }

    /// <summary>Loads the tables and registers of the processor that runs.</summary>
    public static void Activate(CpuArea* cpu)
    {
        TablePointer pointer = default;
        pointer.Limit = (5 * 8) - 1;
        pointer.Set((ulong)cpu->Gdt);
        Cpu.LoadGdt(&pointer);
        Cpu.LoadTaskRegister(TaskSelector);
        fixed (ulong* entries = s_idt.Entries)
        {
            pointer.Limit = 4095;
            pointer.Set((ulong)entries);
            Cpu.LoadIdt(&pointer);
        }

        Cpu.WriteMsr(MsrGsBase, (ulong)cpu);
        // SYSCALL loads CS from bits 47:32 and SS from the selector after it.
        Cpu.WriteMsr(MsrStar, TrapFrame.CodeSelector << 32);
        Cpu.WriteMsr(MsrLstar, Link.TrapSyscall());
        Cpu.WriteMsr(MsrSfmask, SyscallFlagMask);
    }

    private struct TablePointer
    {
        public ushort Limit;
        private ushort _base0;
        private ushort _base1;
        private ushort _base2;
        private ushort _base3;

        public void Set(ulong address)
        {
            _base0 = (ushort)address;
            _base1 = (ushort)(address >> 16);
            _base2 = (ushort)(address >> 32);
            _base3 = (ushort)(address >> 48);
        }
    }
}
