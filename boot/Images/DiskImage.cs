using System.Buffers.Binary;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Images;

/// <summary>
/// Makes bootable disks: GRUB's boot code in the MBR, its core in a BIOS boot partition, an EFI system partition for UEFI, and the
/// files once, in a partition with ISO 9660.
/// </summary>
internal static class DiskImage
{
    private const int BlockSize = GuidPartitionTable.BlockSize;
    private const int Alignment = 1 << 20;

    /// <summary>Boot code of the MBR ends here: the disk signature follows.</summary>
    private const int BootCodeSize = 440;

    /// <summary>GRUB's boot.img keeps the block number of the core here (grub/i386/pc/boot.h, kernel_sector).</summary>
    private const int KernelSectorOffset = 0x5C;

    /// <summary>The core's first block ends with the list of the blocks that follow: start (8 bytes), count (2), segment (2).</summary>
    private const int BlockListOffset = BlockSize - 12;

    private const int DataPartitionNumber = 3;

    /// <summary>Makes a disk.</summary>
    /// <param name="content">The files.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The disk's bytes: a whole number of MiB.</returns>
    public static async Task<byte[]> MakeAsync(MediumContent content, CancellationToken cancellationToken)
    {
        using var work = new WorkFolder();
        var prefix = $"(,gpt{DataPartitionNumber}){GrubLoader.Folder}";
        var bios = await GrubLoader.MakeCoreAsync("i386-pc", prefix, "", work.Path, cancellationToken).ConfigureAwait(false);
        var uefi = await GrubLoader.MakeCoreAsync("x86_64-efi", prefix, "", work.Path, cancellationToken).ConfigureAwait(false);
        var dataFile = work.File("data.iso");
        await IsoImage.WriteDataAsync(content, dataFile, cancellationToken).ConfigureAwait(false);
        var bootCode = await File.ReadAllBytesAsync(Path.Combine(GrubLoader.BiosFolder, "boot.img"), cancellationToken).ConfigureAwait(false);
        var system = FatVolume.Create("EFI/BOOT/BOOTX64.EFI", uefi, BitConverter.ToUInt32(content.Digest, 4));
        var data = await File.ReadAllBytesAsync(dataFile, cancellationToken).ConfigureAwait(false);
        return Assemble(bootCode, bios, system, data, content.Digest);
    }

    private static byte[] Assemble(byte[] bootCode, byte[] core, byte[] system, byte[] data, byte[] seed)
    {
        var corePlace = (long)Alignment;
        var systemPlace = Align(corePlace + core.Length);
        var dataPlace = Align(systemPlace + system.Length);
        var disk = new byte[Align(dataPlace + data.Length + GuidPartitionTable.BackupBlocks * BlockSize)];

        bootCode.AsSpan(0, BootCodeSize).CopyTo(disk);
        BinaryPrimitives.WriteUInt64LittleEndian(disk.AsSpan(KernelSectorOffset), (ulong)(corePlace / BlockSize));
        core.CopyTo(disk, corePlace);
        var list = disk.AsSpan((int)corePlace + BlockListOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(list, (ulong)(corePlace / BlockSize) + 1);
        BinaryPrimitives.WriteUInt16LittleEndian(list[8..], checked((ushort)((core.Length - 1) / BlockSize)));
        system.CopyTo(disk, systemPlace);
        data.CopyTo(disk, dataPlace);
        GuidPartitionTable.Write(
            disk,
            [
                Partition(DiskPartition.BiosBoot, "GRUB", corePlace, systemPlace),
                Partition(DiskPartition.EfiSystem, "EFI system", systemPlace, dataPlace),
                Partition(DiskPartition.BasicData, "GuestOS", dataPlace, dataPlace + data.Length),
            ],
            seed);
        return disk;
    }

    private static DiskPartition Partition(Guid type, string name, long start, long end) =>
        new(type, name, (ulong)(start / BlockSize), (ulong)((end - start + BlockSize - 1) / BlockSize));

    private static long Align(long position) => (position + Alignment - 1) / Alignment * Alignment;
}
