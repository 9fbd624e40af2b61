namespace GuestOS.Kernel.Core;

/// <summary>
/// The few files that the runtime and the C library read before any file system can be there. Texts are made when opened.
/// LOCKING: the kernel lock.
/// </summary>
internal static unsafe class BuiltInFiles
{
    /// <summary>Whether the kernel itself answers for a path: /proc, /sys and /dev never reach the file server.</summary>
    public static bool Owns(byte* path, int length) =>
        StartsWith(path, length, "/proc"u8) || StartsWith(path, length, "/sys"u8) || StartsWith(path, length, "/dev"u8);

    public static long Open(byte* path, int length)
    {
        OpenFile* file = null;
        // Base library and C library: seeds.
        if (Is(path, length, "/dev/urandom"u8) || Is(path, length, "/dev/random"u8))
            file = DescriptorTable.NewFile(OpenFileKind.Random);
        // Base library: Stream.Null is its own, but programs open it by name.
        else if (Is(path, length, "/dev/null"u8))
            file = DescriptorTable.NewFile(OpenFileKind.Null);
        // C library, pthread_getattr_np of the first thread: bounds of its stack, from the line marked [stack].
        else if (Is(path, length, "/proc/self/maps"u8))
            file = NewText(1);
        // GC: MemAvailable steers its load.
        else if (Is(path, length, "/proc/meminfo"u8))
            file = NewText(2);
        else
            return Errno.ENoEnt;
        return file == null ? Errno.EMFile : DescriptorTable.Add(file);
    }

    public static bool Exists(byte* path, int length) =>
        Is(path, length, "/dev/urandom"u8) || Is(path, length, "/dev/random"u8) || Is(path, length, "/dev/null"u8)
        || Is(path, length, "/proc/self/maps"u8) || Is(path, length, "/proc/meminfo"u8);

    private static OpenFile* NewText(int which)
    {
        ulong page = PhysicalMemory.AllocatePage();
        if (page == 0)
            return null;
        OpenFile* file = DescriptorTable.NewFile(OpenFileKind.Text);
        if (file == null)
        {
            PhysicalMemory.FreePage(page);
            return null;
        }

        file->Object = (void*)page;
        file->Length = which == 1 ? WriteMaps((byte*)page) : WriteMemory((byte*)page);
        return file;
    }

    private static ulong WriteMaps(byte* page)
    {
        byte* at = page;
        byte* end = page + Page.Size - 128;
        for (int i = 0; i < AddressSpace.Count && at < end; i++)
        {
            Mapping* mapping = AddressSpace.At(i);
            // Only the stack's line is looked for; a list of all mappings would not fit a page.
            if (mapping->Use != Mapping.MainStack)
                continue;
            at = Hex(at, mapping->Start);
            at = Put(at, "-"u8);
            at = Hex(at, mapping->End);
            at = Put(at, " rw-p 00000000 00:00 0 [stack]\n"u8);
        }

        return (ulong)(at - page);
    }

    private static ulong WriteMemory(byte* page)
    {
        byte* at = page;
        at = Put(at, "MemTotal: "u8);
        // Memory that the host has is not this machine's meanwhile.
        at = Decimal(at, (PhysicalMemory.TotalPages - PhysicalMemory.TakenPages) << 2);
        at = Put(at, " kB\nMemFree: "u8);
        at = Decimal(at, PhysicalMemory.FreePages << 2);
        at = Put(at, " kB\nMemAvailable: "u8);
        at = Decimal(at, PhysicalMemory.FreePages << 2);
        at = Put(at, " kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"u8);
        return (ulong)(at - page);
    }

    private static bool Is(byte* path, int length, ReadOnlySpan<byte> name) => length == name.Length && StartsWith(path, length, name);

    private static bool StartsWith(byte* path, int length, ReadOnlySpan<byte> name)
    {
        if (length < name.Length)
            return false;
        foreach (byte c in name)
        {
            if (*path++ != c)
                return false;
        }

        return length == name.Length || *path == '/';
    }

    private static byte* Put(byte* at, ReadOnlySpan<byte> text)
    {
        foreach (byte c in text)
            *at++ = c;
        return at;
    }

    private static byte* Hex(byte* at, ulong value)
    {
        for (int shift = 44; shift >= 0; shift -= 4)
        {
            uint digit = (uint)(value >> shift) & 15;
            *at++ = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        return at;
    }

    private static byte* Decimal(byte* at, ulong value)
    {
        ulong divisor = 1;
        while (value / divisor >= 10)
            divisor *= 10;
        for (; divisor != 0; divisor /= 10)
            *at++ = (byte)('0' + (value / divisor % 10));
        return at;
    }
}
