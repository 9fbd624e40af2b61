namespace GuestOS.Boot.Images;

/// <summary>One partition of a disk that is being made.</summary>
/// <param name="Type">Partition type GUID.</param>
/// <param name="Name">Name, at most 36 characters.</param>
/// <param name="FirstBlock">First 512-byte block.</param>
/// <param name="Blocks">Length in 512-byte blocks.</param>
internal sealed record DiskPartition(Guid Type, string Name, ulong FirstBlock, ulong Blocks)
{
    /// <summary>GRUB's core image on a BIOS machine.</summary>
    public static Guid BiosBoot { get; } = new("21686148-6449-6E6F-744E-656564454649");

    /// <summary>EFI system partition (UEFI 5.3.3).</summary>
    public static Guid EfiSystem { get; } = new("C12A7328-F81F-11D2-BA4B-00A0C93EC93B");

    /// <summary>Data, of any file system.</summary>
    public static Guid BasicData { get; } = new("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7");
}
