namespace GuestOS.Kernel.Core;

/// <summary>The frame buffer that a boot loader set up. <see cref="Type"/> as in Multiboot2 3.6.12: 1 direct colour, 2 EGA text.</summary>
internal struct FrameBufferInfo
{
    public ulong Address;
    public uint Pitch, Width, Height;
    public byte BitsPerPixel, Type;
    public byte RedPosition, RedSize, GreenPosition, GreenSize, BluePosition, BlueSize;
}

/// <summary>
/// What the three boot protocols tell, in one form. Everything is copied out of the loader's memory here, before the memory
/// allocator can hand that memory to someone else.
/// </summary>
internal static unsafe class BootInfo
{
    /// <summary>Most entries that are taken of a loader's memory map.</summary>
    public const int MaximumRanges = 256;
    public const int CommandLineCapacity = 4096;

    private const int LoaderCapacity = 64;

    private struct Storage
    {
        public fixed byte Ranges[MemoryMap.MostPieces * 24];
        public fixed byte CommandLine[CommandLineCapacity];
        public fixed byte Loader[LoaderCapacity];
    }

    private static Storage s_storage;
    private static ulong s_readableStart, s_readableEnd;
    private static bool s_withholdsMore;

    public static BootProtocol Protocol;
    public static int RangeCount;
    public static int CommandLineLength;
    public static int LoaderLength;

    /// <summary>Entries of the memory map that there was no room for.</summary>
    public static int DroppedRanges;

    /// <summary>ACPI root pointer, 0 when the protocol does not tell.</summary>
    public static ulong Rsdp;
    public static FrameBufferInfo FrameBuffer;

    /// <summary>Modules or initrd: one range that stays untouched; 0 when there is none.</summary>
    public static ulong ModuleStart, ModuleEnd;

    public static byte* CommandLine
    {
        get
        {
            fixed (byte* p = s_storage.CommandLine)
                return p;
        }
    }

    public static byte* Loader
    {
        get
        {
            fixed (byte* p = s_storage.Loader)
                return p;
        }
    }

    /// <summary>The memory map: after <see cref="Read"/> in the order of addresses, and no range meets another.</summary>
    public static MemoryRange* Ranges
    {
        get
        {
            fixed (byte* p = s_storage.Ranges)
                return (MemoryRange*)p;
        }
    }

    /// <summary>
    /// Reads what the loader left. Returns false when the structure is not what the protocol promises, when it or anything that it points to
    /// is not in readable memory, when there is no memory map, and when one withholds memory by more entries than are taken.
    /// </summary>
    /// <param name="protocol">How the kernel was entered.</param>
    /// <param name="information">Address of the structure.</param>
    /// <param name="readableStart">First address that can be read.</param>
    /// <param name="readableEnd">End of what can be read.</param>
    public static bool Read(BootProtocol protocol, ulong information, ulong readableStart, ulong readableEnd)
    {
        Protocol = protocol;
        s_readableStart = readableStart;
        s_readableEnd = readableEnd;
        bool isSound = protocol switch
        {
            BootProtocol.Multiboot2 => Multiboot2.Read((byte*)information),
            BootProtocol.Pvh => PvhStartInfo.Read((byte*)information),
            BootProtocol.Linux64 => LinuxBootParameters.Read((byte*)information),
            _ => false,
        };
        RangeCount = MemoryMap.Flatten(Ranges, RangeCount);
        return isSound && !s_withholdsMore && RangeCount != 0;
    }

    /// <summary>Whether so many bytes from an address on can be read.</summary>
    public static bool CanRead(byte* address, ulong length) =>
        (ulong)address >= s_readableStart && (ulong)address <= s_readableEnd && length <= s_readableEnd - (ulong)address;

    /// <summary>
    /// Notes an entry of the memory map. What is usable and reaches beyond all addresses is none; what is not usable is withheld up to there.
    /// Of too many entries the usable ones are left out: a machine has less memory then, but none that firmware withholds.
    /// </summary>
    public static void AddRange(ulong start, ulong length, uint type)
    {
        ulong end = start + length;
        if (end < start || end > MemoryMap.AddressLimit)
        {
            if (type == (uint)MemoryRangeType.Usable)
                return;
            end = MemoryMap.AddressLimit;
        }

        if (end <= start)
            return;
        MemoryRange* range = RangeCount != MaximumRanges ? Ranges + RangeCount++ : GiveWay(type);
        if (range == null)
            return;
        range->Start = start;
        range->Length = end - start;
        range->Type = (MemoryRangeType)type;
    }

    /// <summary>Keeps the command line that a loader points to, null for none. False when it is not in readable memory.</summary>
    public static bool TryReadCommandLine(byte* text)
    {
        if (text == null)
            return true;
        if (!CanRead(text, 1))
            return false;
        ulong available = s_readableEnd - (ulong)text;
        SetCommandLine(text, available < CommandLineCapacity ? (uint)available : CommandLineCapacity);
        return true;
    }

    /// <summary>Keeps the command line: up to its zero, or as many bytes as there are.</summary>
    public static void SetCommandLine(byte* text, uint available) => CommandLineLength = Copy(text, available, CommandLine, CommandLineCapacity);

    /// <summary>Keeps the boot loader's name in the same way.</summary>
    public static void SetLoader(byte* text, uint available) => LoaderLength = Copy(text, available, Loader, LoaderCapacity);

    /// <summary>Widens <see cref="ModuleStart"/> to <see cref="ModuleEnd"/> by a module.</summary>
    public static void AddModule(ulong start, ulong end)
    {
        if (end > MemoryMap.AddressLimit)
            end = MemoryMap.AddressLimit;
        if (end <= start)
            return;
        if (ModuleEnd == 0 || start < ModuleStart)
            ModuleStart = start;
        if (end > ModuleEnd)
            ModuleEnd = end;
    }

    /// <summary>The place of an entry for which there is no room: that of the last usable one, if it withholds memory. Null: it is left out.</summary>
    private static MemoryRange* GiveWay(uint type)
    {
        DroppedRanges++;
        if (type == (uint)MemoryRangeType.Usable)
            return null;
        for (MemoryRange* range = Ranges + RangeCount - 1; range >= Ranges; range--)
        {
            if (range->Type == MemoryRangeType.Usable)
                return range;
        }

        s_withholdsMore = true;
        return null;
    }

    private static int Copy(byte* text, uint available, byte* destination, int capacity)
    {
        int length = 0;
        while (length < capacity - 1 && (uint)length < available && text[length] != 0)
        {
            destination[length] = text[length];
            length++;
        }

        destination[length] = 0;
        return length;
    }
}
