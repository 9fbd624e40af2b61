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
    public const int MaximumRanges = 256;
    public const int CommandLineCapacity = 4096;

    private const int LoaderCapacity = 64;

    private struct Storage
    {
        public fixed byte Ranges[MaximumRanges * 24];
        public fixed byte CommandLine[CommandLineCapacity];
        public fixed byte Loader[LoaderCapacity];
    }

    private static Storage s_storage;

    public static BootProtocol Protocol;
    public static int RangeCount;
    public static int CommandLineLength;
    public static int LoaderLength;

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

    public static MemoryRange* Ranges
    {
        get
        {
            fixed (byte* p = s_storage.Ranges)
                return (MemoryRange*)p;
        }
    }

    /// <summary>Reads what the loader left. Returns false when the structure is not what the protocol promises.</summary>
    public static bool Read(BootProtocol protocol, ulong information)
    {
        Protocol = protocol;
        return protocol switch
        {
            BootProtocol.Multiboot2 => Multiboot2.Read((byte*)information),
            BootProtocol.Pvh => PvhStartInfo.Read((byte*)information),
            BootProtocol.Linux64 => LinuxBootParameters.Read((byte*)information),
            _ => false,
        };
    }

    public static void AddRange(ulong start, ulong length, uint type)
    {
        if (length == 0 || start + length < start || RangeCount == MaximumRanges)
            return;
        MemoryRange* range = Ranges + RangeCount++;
        range->Start = start;
        range->Length = length;
        range->Type = (MemoryRangeType)type;
    }

    /// <summary>Keeps the command line: up to its zero, or as many bytes as there are.</summary>
    public static void SetCommandLine(byte* text, uint available = uint.MaxValue)
    {
        if (text != null)
            CommandLineLength = Copy(text, available, CommandLine, CommandLineCapacity);
    }

    /// <summary>Keeps the boot loader's name in the same way.</summary>
    public static void SetLoader(byte* text, uint available = uint.MaxValue)
    {
        if (text != null)
            LoaderLength = Copy(text, available, Loader, LoaderCapacity);
    }

    public static void AddModule(ulong start, ulong end)
    {
        if (end <= start)
            return;
        if (ModuleEnd == 0 || start < ModuleStart)
            ModuleStart = start;
        if (end > ModuleEnd)
            ModuleEnd = end;
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
