namespace GuestOS.Kernel.Core;

/// <summary>The kernel's own calls, see <see cref="KernelCall"/>. LOCKING: the kernel lock.</summary>
internal static unsafe class KernelCalls
{
    private const ulong LongestText = 1 << 20;

    public static long Dispatch(Thread* thread, KernelCall call, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4)
    {
        switch (call)
        {
            case KernelCall.MachineInfo:
                return Statistics.FillMachine((MachineInfo*)a0, a1);
            case KernelCall.LogWrite:
                return LogWrite((int)a0, a1, a2);
            case KernelCall.LogRead:
                return UserMemory.CanWrite(a1, a2) ? (long)KernelLog.Read(a0, (byte*)a1, a2) : Errno.EFault;
            case KernelCall.EventWrite:
                if (a1 > LongestText || !UserMemory.CanRead(a0, a1))
                    return Errno.EFault;
                EventLog.Members((byte*)a0, a1);
                return 0;
            case KernelCall.ConsoleWrite:
                if (a1 > LongestText || !UserMemory.CanRead(a0, a1))
                    return Errno.EFault;
                KernelLog.Console((byte*)a0, a1);
                return 0;
            case KernelCall.ConsoleRead:
                return UserMemory.CanWrite(a0, a1) ? ConsoleInput.ReadRaw(thread, (byte*)a0, a1) : Errno.EFault;
            case KernelCall.DmaAllocate:
                return DmaPool.Allocate(a0, a1, a2, a3);
            case KernelCall.DmaFree:
                return DmaPool.Free(a0, a1);
            case KernelCall.DmaTranslate:
                return DmaPool.Translate(a0, a1, (Segment*)a2, (int)a3);
            case KernelCall.MapDevice:
                ulong mapped = PageTables.MapDevice(a0, a1);
                return mapped != 0 ? (long)mapped : Errno.ENoMem;
            case KernelCall.InterruptOpen:
                return Interrupts.Open((uint)a0, (InterruptFlags)a1);
            case KernelCall.InterruptOpenMessage:
                return Interrupts.OpenMessage();
            case KernelCall.InterruptMessage:
                return InterruptMessage((int)a0, a1, a2);
            case KernelCall.InterruptWait:
                return Interrupts.Wait(thread, (int)a0);
            case KernelCall.InterruptClose:
                return Interrupts.Close((int)a0);
            case KernelCall.InterruptList:
                return a1 <= 4096 && UserMemory.CanWrite(a0, a1 * (ulong)sizeof(InterruptInfo))
                    ? Interrupts.List((InterruptInfo*)a0, (int)a1) : Errno.EFault;
            case KernelCall.ThreadList:
                return a1 <= 65536 && UserMemory.CanWrite(a0, a1 * (ulong)sizeof(ThreadInfo))
                    ? Statistics.ListThreads((ThreadInfo*)a0, (int)a1) : Errno.EFault;
            case KernelCall.ThreadPriority:
                if (a0 > 1)
                    return Errno.EInval;
                thread->Priority = (int)a0;
                return 0;
            case KernelCall.MemoryInfo:
                return Statistics.FillMemory((MemoryInfo*)a0, a1);
            case KernelCall.MemoryTake:
                return DynamicMemoryCalls.Take(a0, a1, (Segment*)a2, a3);
            case KernelCall.MemoryGive:
                return DynamicMemoryCalls.Give((Segment*)a0, a1);
            case KernelCall.MemoryAdd:
                return HotAddedMemory.Add(a0, a1);
            case KernelCall.PowerOff:
                PowerOff.End(a0 == (ulong)PowerKind.Configured ? PowerOff.Configured(PowerKind.PowerOff) : (PowerKind)a0, (PowerReason)a1, (byte)a2);
                return 0;
            case KernelCall.ProvokeFault:
                ProvokedFault.Provoke((FaultKind)a0);
                return Errno.EInval;
            case KernelCall.WallClockMove:
                Clock.MoveWallClock((long)a0);
                return 0;
            case KernelCall.FileServe:
                return FileServer.Serve(thread, (FileRequest*)a0);
            case KernelCall.FileReply:
                return FileServer.Reply(a0, (long)a1, a2);
            case KernelCall.MsrRead:
                return !UserMemory.CanWrite(a1, 8) ? Errno.EFault : Cpu.TryReadMsr((uint)a0, (ulong*)a1) != 0 ? 0 : Errno.EIo;
            case KernelCall.MsrWrite:
                return Cpu.TryWriteMsr((uint)a0, a1) != 0 ? 0 : Errno.EIo;
            case KernelCall.ThreadAffinity:
                return ThreadCalls.ExchangeAffinity(thread, a0, (ulong*)a1);
            case KernelCall.VectorOpen:
                return ProcessorVectors.Open(endsItself: (a0 & 1) != 0);
            case KernelCall.VectorWait:
                return ProcessorVectors.Wait(thread, a0);
            case KernelCall.VectorClose:
                return ProcessorVectors.Close(a0);
            case KernelCall.PageExecutable:
                return PageExecutable(a0, a1 != 0);
            case KernelCall.HypervisorInfo:
                return HypervisorCalls.FillHypervisor((HypervisorInfo*)a0, a1);
            case KernelCall.ProcessorList:
                return HypervisorCalls.ListProcessors((ProcessorInfo*)a0, a1, a2 != 0);
            case KernelCall.ClockInfo:
                return HypervisorCalls.FillClock((ClockInfo*)a0, a1);
            default:
                return Errno.ENoSys;
        }
    }

    private static long LogWrite(int level, ulong text, ulong length)
    {
        if (length > LongestText || !UserMemory.CanRead(text, length))
            return Errno.EFault;
        KernelLog.Begin(level);
        KernelLog.Write((byte*)text, length);
        KernelLog.EndLine();
        return 0;
    }

    private static long PageExecutable(ulong address, bool executable)
    {
        if ((address & Page.Mask) != 0 || !PhysicalMemory.IsAllocated(address))
            return Errno.EInval;
        int before = PageTables.ExchangeExecutable(address, executable);
        if (before < 0)
            return Errno.ENoMem;
        if (before != (executable ? 1 : 0))
            Tlb.FlushAll();
        return before;
    }

    private static long InterruptMessage(int handle, ulong address, ulong data)
    {
        if (!UserMemory.CanWrite(address, 8) || !UserMemory.CanWrite(data, 4))
            return Errno.EFault;
        return Interrupts.Message(handle, out *(ulong*)address, out *(uint*)data) ? 0 : Errno.EBadF;
    }
}
