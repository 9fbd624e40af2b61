namespace GuestOS.Kernel.Core;

/// <summary>What the C library asks about its system. LOCKING: the kernel lock.</summary>
internal static unsafe class InfoCalls
{
    private const int LimitStack = 3;
    private const int LimitOpenFiles = 7;
    private const int NameFieldLength = 65;

    public static long Random(ulong buffer, ulong length)
    {
        if (!UserMemory.CanWrite(buffer, length))
            return Errno.EFault;
        RandomSource.Fill((byte*)buffer, length);
        return (long)length;
    }

    /// <summary>uname: six fields of 65 bytes.</summary>
    public static long SystemName(ulong buffer)
    {
        if (!UserMemory.CanWrite(buffer, 6 * NameFieldLength))
            return Errno.EFault;
        Cpu.Fill((void*)buffer, 0, 6 * NameFieldLength);
        Put((byte*)buffer, 0, "GuestOS"u8);
        Put((byte*)buffer, 1, "guestos"u8);
        Put((byte*)buffer, 2, "0.1.0"u8);
        Put((byte*)buffer, 3, "#1"u8);
        Put((byte*)buffer, 4, "x86_64"u8);
        return 0;
    }

    /// <summary>struct sysinfo: uptime, loads[3], total, free, shared, buffers, swap total and free, processes u16, high total and free, unit.</summary>
    public static long System(ulong buffer)
    {
        if (!UserMemory.CanWrite(buffer, 112))
            return Errno.EFault;
        ulong* info = (ulong*)buffer;
        Cpu.Fill(info, 0, 112);
        info[0] = Clock.NowNanoseconds() / 1_000_000_000;
        info[4] = (PhysicalMemory.TotalPages - PhysicalMemory.TakenPages) << Page.Shift;
        info[5] = PhysicalMemory.FreePages << Page.Shift;
        *(ushort*)(buffer + 80) = 1;
        *(uint*)(buffer + 104) = 1;
        return 0;
    }

    public static long Limit(int resource, ulong buffer)
    {
        if (buffer == 0)
            return 0;
        if (!UserMemory.CanWrite(buffer, 16))
            return Errno.EFault;
        ulong value = resource switch
        {
            LimitStack => RuntimeStart.MainStackSize,
            LimitOpenFiles => DescriptorTable.Capacity,
            _ => ulong.MaxValue,
        };
        ((ulong*)buffer)[0] = value;
        ((ulong*)buffer)[1] = value;
        return 0;
    }

    /// <summary>struct rusage: user and system time first; all time is user time here.</summary>
    public static long Usage(Thread* thread, int who, ulong buffer)
    {
        if (!UserMemory.CanWrite(buffer, 144))
            return Errno.EFault;
        Cpu.Fill((void*)buffer, 0, 144);
        ulong now = Clock.NowNanoseconds();
        ulong time = Scheduler.RunTimeOf(thread, now);
        const int self = 0;
        if (who == self)
        {
            time = 0;
            for (Thread* t = ThreadTable.First; t != null; t = t->NextOfAll)
                time += t->RunTime;
        }

        ((ulong*)buffer)[0] = time / 1_000_000_000;
        ((ulong*)buffer)[1] = time % 1_000_000_000 / 1000;
        return 0;
    }

    private static void Put(byte* fields, int index, ReadOnlySpan<byte> text)
    {
        byte* at = fields + (index * NameFieldLength);
        foreach (byte c in text)
            *at++ = c;
    }
}
