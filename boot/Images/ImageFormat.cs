namespace GuestOS.Boot.Images;

/// <summary>The forms in which a kernel is handed to a machine.</summary>
internal enum ImageFormat
{
    /// <summary>Bootable ISO 9660 disc, BIOS and UEFI; also boots when written to a disk.</summary>
    Iso,

    /// <summary>Raw disk with a GUID partition table, BIOS and UEFI.</summary>
    Img,

    /// <summary>The same disk as a fixed VHD (Hyper-V generation 1).</summary>
    Vhd,

    /// <summary>The same disk as a dynamic VHDX.</summary>
    Vhdx,

    /// <summary>The bare kernel, for direct boot.</summary>
    Elf,
}
