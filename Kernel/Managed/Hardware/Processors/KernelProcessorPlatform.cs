using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Hardware;

/// <summary>Puts the processors' side of the machine boundary together.</summary>
internal static class KernelProcessorPlatform
{
    public static ProcessorPlatform Create(MachineInformation information, IDmaMemory dma, TimeProvider clock, ILog log)
    {
        var control = new KernelProcessorControl((int)information.CpuCount);
        var processors = new KernelProcessors(control);
        var registers = new KernelRegisters();
        return new ProcessorPlatform
        {
            CpuId = registers,
            Msr = registers,
            Tsc = registers,
            Hypercall = new KernelHypercall(new KernelHypercallEntry()),
            Processors = processors,
            Vectors = new KernelProcessorVectors(control, processors, log),
            Executor = new ThreadPoolExecutor(),
            SharedPages = new KernelSharedPages(information.MemoryEnd),
            Dma = dma,
            Clock = clock,
            Log = log,
        };
    }
}
