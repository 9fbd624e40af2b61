using GuestOS.Boot.Build;

namespace GuestOS.Boot.Images;

/// <summary>Makes an image of any format from a kernel.</summary>
/// <param name="repository">The project.</param>
internal sealed class ImageBuilder(Repository repository)
{
    /// <summary>Writes an image.</summary>
    /// <param name="kernel">The kernel, stripped.</param>
    /// <param name="format">What to make.</param>
    /// <param name="append">Kernel options that become part of the image; must be empty for <see cref="ImageFormat.Elf"/>, which carries none.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task WriteAsync(byte[] kernel, ImageFormat format, string append, string output, CancellationToken cancellationToken)
    {
        if (format == ImageFormat.Elf)
        {
            if (append.Length != 0)
                throw new ToolException("An ELF carries no kernel options: pass them when it is booted.");
            await ImageFile.WriteAsync(output, kernel, cancellationToken).ConfigureAwait(false);
            return;
        }

        var content = MediumContent.Create(repository, kernel, append);
        if (format == ImageFormat.Iso)
        {
            await IsoImage.WriteBootableAsync(content, output, cancellationToken).ConfigureAwait(false);
            return;
        }

        var disk = await DiskImage.MakeAsync(content, cancellationToken).ConfigureAwait(false);
        switch (format)
        {
            case ImageFormat.Img:
                await ImageFile.WriteAsync(output, disk, cancellationToken).ConfigureAwait(false);
                break;
            case ImageFormat.Vhd:
                byte[] footer = VhdFooter.Create(disk.Length, GuidPartitionTable.DeriveGuid(content.Digest, 0));
                await ImageFile.WriteAsync(output, (byte[])[.. disk, .. footer], cancellationToken).ConfigureAwait(false);
                break;
            case ImageFormat.Vhdx:
                await WriteVhdxAsync(disk, output, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "unknown image format");
        }
    }

    private static async Task WriteVhdxAsync(byte[] disk, string output, CancellationToken cancellationToken)
    {
        using var work = new WorkFolder();
        var raw = work.File("disk.img");
        var made = work.File("disk.vhdx");
        await File.WriteAllBytesAsync(raw, disk, cancellationToken).ConfigureAwait(false);
        string[] arguments = ["convert", "-f", "raw", "-O", "vhdx", "-o", "subformat=dynamic", raw, made];
        await ToolProcess.RunAsync("qemu-img", arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
        ImageFile.MoveInto(made, output);
    }
}
