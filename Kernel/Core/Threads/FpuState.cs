namespace GuestOS.Kernel.Core;

/// <summary>Size and initial content of a thread's FPU area: XSAVE where the processor has it, FXSAVE otherwise.</summary>
internal static unsafe class FpuState
{
    private const uint FxsaveSize = 512;
    private const int ControlWordOffset = 0;
    private const int MxcsrOffset = 24;
    private const ushort InitialControlWord = 0x037F;
    private const uint InitialMxcsr = 0x1F80;

    private static uint s_size;
    private static ulong s_features;

    public static uint Size => s_size;

    /// <summary>Turns the features on for the calling processor; the first call decides size and form.</summary>
    public static void EnableOnThisProcessor()
    {
        CpuIdResult.Read(1, 0, out CpuIdResult leaf);
        const uint xsave = 1u << 26;
        if ((leaf.Ecx & xsave) == 0)
        {
            s_size = FxsaveSize;
            return;
        }

        Cpu.WriteCr4(Cpu.ReadCr4() | (1UL << 18));
        if (s_features == 0)
        {
            CpuIdResult.Read(0xD, 0, out leaf);
            // x87, SSE, AVX, AVX-512; other components (protection keys, AMX) stay off.
            s_features = leaf.Eax & 0xE7;
        }

        Cpu.WriteXcr(0, s_features);
        CpuIdResult.Read(0xD, 0, out leaf);
        s_size = leaf.Ebx;
        Cpu.UseXsave();
    }

    /// <summary>
    /// Saves the state of the thread that came in. After rt_sigreturn its area already holds what it shall go on with, and what is in
    /// the processor is the signal handler's: that is not saved.
    /// </summary>
    public static void Save(CpuArea* cpu, Thread* thread)
    {
        if (cpu->FpuReload == 0)
            Cpu.SaveFpu(thread->Fpu);
    }

    public static void Reset(byte* area)
    {
        *(ushort*)(area + ControlWordOffset) = InitialControlWord;
        *(uint*)(area + MxcsrOffset) = InitialMxcsr;
        // XSTATE_BV: x87 and SSE come from the area, the rest starts in its initial state. The field lies beyond FXSAVE's part.
        if (s_size > FxsaveSize)
            *(ulong*)(area + 512) = 3;
    }
}
