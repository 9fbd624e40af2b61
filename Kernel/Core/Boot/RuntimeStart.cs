namespace GuestOS.Kernel.Core;

/// <summary>
/// Starts the C start-up code as Linux would: the first thread with a stack that holds arguments, environment and the auxiliary vector
/// (System V ABI AMD64, 3.4.1).
/// </summary>
internal static unsafe class RuntimeStart
{
    public const ulong MainStackSize = 8 << 20;

    private const ulong StringArea = 16 << 10;
    private const int MaximumArguments = 64;

    private const ulong AuxNull = 0;
    private const ulong AuxProgramHeaders = 3;
    private const ulong AuxProgramHeaderSize = 4;
    private const ulong AuxProgramHeaderCount = 5;
    private const ulong AuxPageSize = 6;
    private const ulong AuxEntry = 9;
    private const ulong AuxUid = 11;
    private const ulong AuxEuid = 12;
    private const ulong AuxGid = 13;
    private const ulong AuxEgid = 14;
    private const ulong AuxHardwareCapabilities = 16;
    private const ulong AuxClockTicks = 17;
    private const ulong AuxSecure = 23;
    private const ulong AuxRandom = 25;
    private const ulong AuxExecutable = 31;
    private const ulong AuxVdso = 33;

    /// <summary>Hard limit of the managed heap in bytes: what is free at the start less a share for everything else.</summary>
    public static ulong HeapLimit;

    private static byte* s_strings;

    public static Thread* CreateFirstThread()
    {
        Thread* thread = ThreadTable.Create(isIdle: false);
        ulong stack = AddressSpace.Map(MainStackSize, Protection.Read | Protection.Write, Mapping.MainStack);
        if (thread == null || stack == 0)
            return null;
        ulong top = stack + MainStackSize;
        if (!DemandPaging.Populate(top - (2 * StringArea), 2 * StringArea, write: true))
            return null;
        ulong free = PhysicalMemory.FreePages << Page.Shift;
        const ulong share = 4 << 20;
        HeapLimit = Page.Down((free - (free < 4 * share ? free / 4 : share)) / 8 * 7);

        s_strings = (byte*)(top - StringArea);
        ulong* at = (ulong*)(top - (2 * StringArea));
        ulong* start = at;
        ulong* count = at++;
        byte* executable = s_strings;
        *at++ = Add("/guestos"u8);
        *count = 1 + AddArguments(ref at);
        *at++ = 0;
        AddEnvironment(ref at);
        *at++ = 0;
        AddAuxiliary(at, executable);

        thread->Frame.Rip = Link.RuntimeStart();
        thread->Frame.Rsp = (ulong)start;
        return thread;
    }

    /// <summary>Words after <c>--</c> on the command line are the program's arguments.</summary>
    private static ulong AddArguments(ref ulong* at)
    {
        byte* text = BootOptions.ProgramArguments();
        ulong count = 0;
        while (text != null && *text != 0 && count < MaximumArguments)
        {
            while (*text == ' ')
                text++;
            if (*text == 0)
                break;
            *at++ = (ulong)s_strings;
            bool quoted = false;
            for (; *text != 0 && (quoted || *text != ' '); text++)
            {
                if (*text == '"')
                    quoted = !quoted;
                else
                    *s_strings++ = *text;
            }

            *s_strings++ = 0;
            count++;
        }

        return count;
    }

    private static void AddEnvironment(ref ulong* at)
    {
        // Words like env.NAME=value of the command line come first: where a name stands twice, the C library takes the first.
        byte* cursor = BootInfo.CommandLine;
        for (int i = 0; i < MaximumArguments && BootOptions.NextWithPrefix(ref cursor, "env."u8, out byte* word, out int length); i++)
        {
            *at++ = (ulong)s_strings;
            for (int j = 0; j < length; j++)
            {
                if (word[j] != '"')
                    *s_strings++ = word[j];
            }

            *s_strings++ = 0;
        }

        // The GC reserves, sizes and finally refuses by this limit: then an OutOfMemoryException can be caught.
        *at++ = (ulong)s_strings;
        Put("DOTNET_GCHeapHardLimit="u8);
        PutHex(HeapLimit);
        // The limit follows the memory that the host adds, so addresses are reserved for far more than there is. The collector's table of
        // regions takes a millionth of the range, hence the second bound for small machines.
        ulong range = PhysicalLayout.UsableBytes << 10;
        *at++ = (ulong)s_strings;
        Put("DOTNET_GCRegionRange="u8);
        PutHex(range < PageTables.IdentityLimit ? range : PageTables.IdentityLimit);
        // Without a known cache size the GC collects every 256 KiB.
        ulong nursery = HeapLimit / 16;
        nursery = nursery < (256 << 10) ? 256 << 10 : nursery > (16 << 20) ? 16 << 20 : nursery;
        *at++ = (ulong)s_strings;
        Put("DOTNET_GCgen0size="u8);
        PutHex(nursery);
        // Measured with a soak of six allocating threads on 2 CPUs under emulation: 806 rounds with background collections and eager
        // decommit, 3504 without both.
        *at++ = Add("DOTNET_gcConcurrent=0"u8);
        *at++ = Add("DOTNET_GCRetainVM=1"u8);
        *at++ = Add("HOME=/"u8);
        *at++ = Add("PATH=/"u8);
        *at++ = Add("LANG=C.UTF-8"u8);
        *at++ = Add("TERM=xterm"u8);
    }

    private static void AddAuxiliary(ulong* at, byte* executable)
    {
        byte* elf = (byte*)Link.ImageStart();
        CpuIdResult.Read(1, 0, out CpuIdResult features);
        RandomSource.Fill(s_strings, 16);
        Pair(ref at, AuxProgramHeaders, (ulong)elf + *(ulong*)(elf + 32));
        Pair(ref at, AuxProgramHeaderSize, *(ushort*)(elf + 54));
        Pair(ref at, AuxProgramHeaderCount, *(ushort*)(elf + 56));
        Pair(ref at, AuxPageSize, Page.Size);
        Pair(ref at, AuxEntry, Link.RuntimeStart());
        Pair(ref at, AuxUid, 0);
        Pair(ref at, AuxEuid, 0);
        Pair(ref at, AuxGid, 0);
        Pair(ref at, AuxEgid, 0);
        Pair(ref at, AuxHardwareCapabilities, features.Edx);
        Pair(ref at, AuxClockTicks, 100);
        Pair(ref at, AuxSecure, 0);
        Pair(ref at, AuxRandom, (ulong)s_strings);
        Pair(ref at, AuxExecutable, (ulong)executable);
        if (Clock.IsReadByThreads)
            Pair(ref at, AuxVdso, Link.Vdso());
        Pair(ref at, AuxNull, 0);
    }

    private static void Pair(ref ulong* at, ulong type, ulong value)
    {
        *at++ = type;
        *at++ = value;
    }

    private static ulong Add(ReadOnlySpan<byte> text)
    {
        ulong start = (ulong)s_strings;
        Put(text);
        *s_strings++ = 0;
        return start;
    }

    private static void Put(ReadOnlySpan<byte> text)
    {
        foreach (byte c in text)
            *s_strings++ = c;
    }

    private static void PutHex(ulong value)
    {
        for (int shift = 60; shift >= 0; shift -= 4)
        {
            uint digit = (uint)(value >> shift) & 15;
            *s_strings++ = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        *s_strings++ = 0;
    }
}
