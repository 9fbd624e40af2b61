namespace GuestOS.Kernel.Core;

/// <summary>Boot information of Multiboot2 (specification 2.0, section 3.6): a list of tags, each type u32, size u32, padded to 8.</summary>
internal static unsafe class Multiboot2
{
    private const uint TagEnd = 0;
    private const uint TagCommandLine = 1;
    private const uint TagLoader = 2;
    private const uint TagModule = 3;
    private const uint TagMemoryMap = 6;
    private const uint TagFrameBuffer = 8;
    private const uint TagAcpiOld = 14;
    private const uint TagAcpiNew = 15;

    public static bool Read(byte* information)
    {
        if (!BootInfo.CanRead(information, 8))
            return false;
        uint total = *(uint*)information;
        if (total < 16 || !BootInfo.CanRead(information, total))
            return false;
        byte* end = information + total;
        byte* tag = information + 8;
        while (tag + 8 <= end)
        {
            uint type = *(uint*)tag;
            uint size = *(uint*)(tag + 4);
            if (type == TagEnd)
                break;
            if (size < 8 || tag + size > end)
                return false;
            ReadTag(tag, type, size);
            tag += (size + 7) & ~7u;
        }

        return true;
    }

    private static void ReadTag(byte* tag, uint type, uint size)
    {
        switch (type)
        {
            case TagCommandLine:
                BootInfo.SetCommandLine(tag + 8, size - 8);
                break;
            case TagLoader:
                BootInfo.SetLoader(tag + 8, size - 8);
                break;
            case TagModule when size >= 16:
                BootInfo.AddModule(*(uint*)(tag + 8), *(uint*)(tag + 12));
                break;
            case TagMemoryMap when size >= 16:
                ReadMemoryMap(tag, size);
                break;
            case TagFrameBuffer when size >= 30:
                ReadFrameBuffer(tag, size);
                break;
            // The tag holds a copy of the root pointer; the copy is used in place and stays in reserved memory below.
            case TagAcpiOld when BootInfo.Rsdp == 0 && size >= 8 + 20:
            case TagAcpiNew when size >= 8 + 36:
                BootInfo.Rsdp = RootPointerCopy.Keep(tag + 8, size - 8);
                break;
        }
    }

    private static void ReadMemoryMap(byte* tag, uint size)
    {
        uint entrySize = *(uint*)(tag + 8);
        if (entrySize < 24)
            return;
        for (byte* entry = tag + 16; entry + 24 <= tag + size; entry += entrySize)
            BootInfo.AddRange(*(ulong*)entry, *(ulong*)(entry + 8), *(uint*)(entry + 16));
    }

    private static void ReadFrameBuffer(byte* tag, uint size)
    {
        FrameBufferInfo info = default;
        info.Address = *(ulong*)(tag + 8);
        info.Pitch = *(uint*)(tag + 16);
        info.Width = *(uint*)(tag + 20);
        info.Height = *(uint*)(tag + 24);
        info.BitsPerPixel = tag[28];
        info.Type = tag[29];
        if (info.Type == 1 && size >= 38)
        {
            info.RedPosition = tag[32];
            info.RedSize = tag[33];
            info.GreenPosition = tag[34];
            info.GreenSize = tag[35];
            info.BluePosition = tag[36];
            info.BlueSize = tag[37];
        }

        BootInfo.FrameBuffer = info;
    }
}
