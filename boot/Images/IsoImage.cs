using System.Globalization;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Images;

/// <summary>
/// Makes ISO 9660 images with Rock Ridge and Joliet names: a bootable disc (El Torito for BIOS and UEFI, and a partition table, so that
/// it boots from a disk as well), or plain data.
/// </summary>
internal static class IsoImage
{
    private const string VolumeName = "GUESTOS";
    private const string BiosCorePath = "boot/grub/eltorito.img";

    /// <summary>Writes a bootable disc.</summary>
    /// <param name="content">Its files.</param>
    /// <param name="output">The image file.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static async Task WriteBootableAsync(MediumContent content, string output, CancellationToken cancellationToken)
    {
        using var work = new WorkFolder();
        var volume = content.VolumeDate.ToString("yyyy-MM-dd-HH-mm-ss-ff", CultureInfo.InvariantCulture);
        var early = $"search --no-floppy --fs-uuid --set=root {volume}\nset prefix=($root){GrubLoader.Folder}\n";
        var bios = await GrubLoader.MakeCoreAsync("i386-pc-eltorito", GrubLoader.Folder, early, work.Path, cancellationToken).ConfigureAwait(false);
        var uefi = await GrubLoader.MakeCoreAsync("x86_64-efi", GrubLoader.Folder, early, work.Path, cancellationToken).ConfigureAwait(false);
        var system = work.File("efi.img");
        var serial = BitConverter.ToUInt32(content.Digest, 4);
        await File.WriteAllBytesAsync(system, FatVolume.Create("EFI/BOOT/BOOTX64.EFI", uefi, serial), cancellationToken).ConfigureAwait(false);
        string[] boot =
        [
            "-b", BiosCorePath, "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "--grub2-boot-info",
            "--grub2-mbr", Path.Combine(GrubLoader.BiosFolder, "boot_hybrid.img"), "-partition_offset", "16",
            "--gpt_disk_guid", GuidPartitionTable.DeriveGuid(content.Digest, 0).ToString("N"),
            "-append_partition", "2", "0xef", system, "-appended_part_as_gpt",
            "-eltorito-alt-boot", "-e", "--interval:appended_partition_2:all::", "-no-emul-boot",
        ];
        await WriteAsync(content.With("/" + BiosCorePath, bios), content.VolumeDate, boot, output, work, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a disc that is not bootable.</summary>
    /// <param name="content">Its files.</param>
    /// <param name="output">The image file.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static async Task WriteDataAsync(MediumContent content, string output, CancellationToken cancellationToken)
    {
        using var work = new WorkFolder();
        await WriteAsync(content, content.VolumeDate, [], output, work, cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteAsync(
        MediumContent content, DateTimeOffset volumeDate, string[] boot, string output, WorkFolder work, CancellationToken cancellationToken)
    {
        var tree = work.File("tree");
        content.WriteTo(tree);
        var made = work.File("made.iso");
        string[] options =
        [
            "-as", "mkisofs", "-o", made, "-V", VolumeName, "-iso-level", "3", "-r", "-J", "-joliet-long",
            "--modification-date=" + volumeDate.ToString("yyyyMMddHHmmssff", CultureInfo.InvariantCulture),
        ];
        var environment = new Dictionary<string, string?>
        {
            ["SOURCE_DATE_EPOCH"] = MediumContent.FixedTime.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        };
        await ToolProcess.RunAsync("xorriso", [.. options, .. boot, tree], environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        ImageFile.MoveInto(made, output);
    }
}
