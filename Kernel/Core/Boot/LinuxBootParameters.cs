namespace GuestOS.Kernel.Core;

/// <summary>
/// The zero page of the Linux boot protocol (Documentation/arch/x86/boot.rst and zero-page.rst), as a direct-booting monitor
/// fills it: E820 table, command line, initrd, ACPI root pointer. Header version and loader type prove nothing and are not looked at.
/// </summary>
internal static unsafe class LinuxBootParameters
{
    private const int Size = 0x1000;
    private const int ScreenInfo = 0x000;
    private const int AcpiRootPointer = 0x070;
    private const int ExtendedCommandLine = 0x0C8;
    private const int E820Count = 0x1E8;
    private const int InitrdAddress = 0x218;
    private const int InitrdSize = 0x21C;
    private const int CommandLinePointer = 0x228;
    private const int E820Table = 0x2D0;
    private const int E820EntrySize = 20;
    private const int E820MaximumEntries = 128;

    /// <summary>screen_info.orig_video_isVGA: a linear frame buffer set up by a VESA (0x23) or EFI (0x70) loader.</summary>
    private const byte VideoVesa = 0x23;
    private const byte VideoEfi = 0x70;

    public static bool Read(byte* zero)
    {
        if (!BootInfo.CanRead(zero, Size))
            return false;
        ulong commandLine = *(uint*)(zero + CommandLinePointer) | ((ulong)*(uint*)(zero + ExtendedCommandLine) << 32);
        if (!BootInfo.TryReadCommandLine((byte*)commandLine))
            return false;
        BootInfo.Rsdp = *(ulong*)(zero + AcpiRootPointer);
        ulong initrd = *(uint*)(zero + InitrdAddress);
        BootInfo.AddModule(initrd, initrd + *(uint*)(zero + InitrdSize));
        int count = zero[E820Count];
        if (count > E820MaximumEntries)
            return false;
        byte* entry = zero + E820Table;
        for (int i = 0; i < count; i++, entry += E820EntrySize)
            BootInfo.AddRange(*(ulong*)entry, *(ulong*)(entry + 8), *(uint*)(entry + 16));
        ReadScreen(zero + ScreenInfo);
        return true;
    }

    private static void ReadScreen(byte* screen)
    {
        byte video = screen[0x0F];
        if (video != VideoVesa && video != VideoEfi)
            return;
        FrameBufferInfo info = default;
        info.Type = 1;
        info.Width = *(ushort*)(screen + 0x12);
        info.Height = *(ushort*)(screen + 0x14);
        info.BitsPerPixel = (byte)*(ushort*)(screen + 0x16);
        info.Address = *(uint*)(screen + 0x18) | ((ulong)*(uint*)(screen + 0x3A) << 32);
        info.Pitch = *(ushort*)(screen + 0x24);
        info.RedSize = screen[0x26];
        info.RedPosition = screen[0x27];
        info.GreenSize = screen[0x28];
        info.GreenPosition = screen[0x29];
        info.BlueSize = screen[0x2A];
        info.BluePosition = screen[0x2B];
        BootInfo.FrameBuffer = info;
    }
}
