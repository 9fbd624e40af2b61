namespace GuestOS.Kernel.Core;

/// <summary>
/// Start information of the PVH protocol (Xen's include/public/arch-x86/hvm/start_info.h): magic u32, version u32, flags u32,
/// module count u32, module list u64, command line u64, RSDP u64; from version 1: memory map u64, entry count u32.
/// </summary>
internal static unsafe class PvhStartInfo
{
    private const uint Magic = 0x336EC578;
    private const int Size = 56;
    private const int MaximumModules = 16;
    private const int ModuleSize = 32;
    private const int RangeSize = 24;

    public static bool Read(byte* info)
    {
        if (!BootInfo.CanRead(info, Size) || *(uint*)info != Magic || *(uint*)(info + 4) < 1 || !BootInfo.TryReadCommandLine((byte*)*(ulong*)(info + 24)))
            return false;
        BootInfo.Rsdp = *(ulong*)(info + 32);
        uint modules = *(uint*)(info + 12);
        if (modules > MaximumModules)
            modules = MaximumModules;
        byte* module = (byte*)*(ulong*)(info + 16);
        if (modules != 0 && !BootInfo.CanRead(module, modules * ModuleSize))
            return false;
        for (uint i = 0; i < modules; i++, module += ModuleSize)
        {
            ulong start = *(ulong*)module;
            BootInfo.AddModule(start, start + *(ulong*)(module + 8));
        }

        byte* entry = (byte*)*(ulong*)(info + 40);
        uint count = *(uint*)(info + 48);
        if (count > BootInfo.MaximumRanges)
            count = BootInfo.MaximumRanges;
        if (!BootInfo.CanRead(entry, count * RangeSize))
            return false;
        for (uint i = 0; i < count; i++, entry += RangeSize)
            BootInfo.AddRange(*(ulong*)entry, *(ulong*)(entry + 8), *(uint*)(entry + 16));
        return true;
    }
}
