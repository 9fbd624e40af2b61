using System.Text;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>Reads the low-level kernel's lists.</summary>
internal sealed unsafe class KernelStatistics : IKernelStatistics
{
    private const int MostThreads = 1024;
    private const int MostInterrupts = 256;

    public static MachineInformation ReadMachine()
    {
        MachineInfo info = default;
        KernelEntry.Require(KernelCall.MachineInfo, (ulong)&info, (ulong)sizeof(MachineInfo));
        return new MachineInformation
        {
            Protocol = info.Protocol,
            Flags = info.Flags,
            CpuCount = info.CpuCount,
            CpuPresent = info.CpuPresent,
            ClockSource = info.ClockSource,
            InterruptController = info.InterruptController,
            TscFrequency = info.TscFrequency,
            MemoryBytes = info.MemoryBytes,
            MemoryEnd = info.MemoryEnd,
            McfgTable = info.McfgTable,
            CpuBrand = Text(info.CpuBrand, 48),
            HypervisorVendor = Text(info.HypervisorVendor, 16),
            LoaderName = Text(info.LoaderName, 64),
            CommandLine = Text(info.CommandLine, MachineInfo.CommandLineCapacity),
        };
    }

    public MemoryInfo ReadMemory()
    {
        MemoryInfo info = default;
        KernelEntry.Require(KernelCall.MemoryInfo, (ulong)&info, (ulong)sizeof(MemoryInfo));
        return info;
    }

    public IReadOnlyList<ThreadDescription> ReadThreads()
    {
        var list = new ThreadInfo[MostThreads];
        var result = new List<ThreadDescription>();
        fixed (ThreadInfo* first = list)
        {
            ulong count = KernelEntry.Require(KernelCall.ThreadList, (ulong)first, MostThreads);
            for (ulong i = 0; i < count; i++)
            {
                ThreadInfo* thread = first + i;
                result.Add(new ThreadDescription(
                    thread->Id,
                    Text(thread->Name, 16),
                    thread->State,
                    thread->Wait,
                    thread->Priority,
                    thread->Cpu,
                    thread->IsIdle != 0,
                    TimeSpan.FromTicks((long)(thread->RunTime / 100)),
                    thread->SwitchCount));
            }
        }

        return result;
    }

    public IReadOnlyList<InterruptInfo> ReadInterrupts()
    {
        var list = new InterruptInfo[MostInterrupts];
        ulong count;
        fixed (InterruptInfo* first = list)
            count = KernelEntry.Require(KernelCall.InterruptList, (ulong)first, MostInterrupts);
        return list.AsSpan(0, (int)count).ToArray();
    }

    public HypervisorInfo ReadHypervisor()
    {
        HypervisorInfo info = default;
        KernelEntry.Require(KernelCall.HypervisorInfo, (ulong)&info, (ulong)sizeof(HypervisorInfo));
        return info;
    }

    public IReadOnlyList<ProcessorInfo> ReadProcessors(bool looks)
    {
        var list = new ProcessorInfo[Environment.ProcessorCount];
        ulong count;
        fixed (ProcessorInfo* first = list)
            count = KernelEntry.Require(KernelCall.ProcessorList, (ulong)first, (ulong)list.Length, looks ? 1ul : 0);
        return list.AsSpan(0, (int)count).ToArray();
    }

    public ClockInfo ReadClock()
    {
        ClockInfo info = default;
        KernelEntry.Require(KernelCall.ClockInfo, (ulong)&info, (ulong)sizeof(ClockInfo));
        return info;
    }

    private static string Text(byte* first, int capacity)
    {
        var bytes = new ReadOnlySpan<byte>(first, capacity);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
    }
}
