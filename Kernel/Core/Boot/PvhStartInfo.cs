namespace GuestOS.Kernel.Core;

/// <summary>
/// Start information of the PVH protocol (Xen's include/public/arch-x86/hvm/start_info.h): magic u32, version u32, flags u32,
/// module count u32, module list u64, command line u64, RSDP u64; from version 1: memory map u64, entry count u32.
/// </summary>
internal static unsafe class PvhStartInfo
{
    private const uint Magic = 0x336EC578;
    private const int MaximumModules = 16;

    public static bool Read(byte* info)
    {
        if (*(uint*)info != Magic)
            return false;
        uint version = *(uint*)(info + 4);
        uint modules = *(uint*)(info + 12);
        byte* module = (byte*)*(ulong*)(info + 16);
        BootInfo.SetCommandLine((byte*)*(ulong*)(info + 24));
        BootInfo.Rsdp = *(ulong*)(info + 32);
        for (uint i = 0; i < modules && i < MaximumModules; i++, module += 32)
        {
            ulong start = *(ulong*)module;
            BootInfo.AddModule(start, start + *(ulong*)(module + 8));
        }

        if (version < 1)
            return false;
        byte* entry = (byte*)*(ulong*)(info + 40);
        uint count = *(uint*)(info + 48);
        for (uint i = 0; i < count && i < BootInfo.MaximumRanges; i++, entry += 24)
            BootInfo.AddRange(*(ulong*)entry, *(ulong*)(entry + 8), *(uint*)(entry + 16));
        return BootInfo.RangeCount != 0;
    }
}
