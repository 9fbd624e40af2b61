using GuestOS.Boot.Build;

namespace GuestOS.Boot.Images;

/// <summary>The images that <c>run</c> and <c>smoke</c> make for themselves, made anew only when their content changed.</summary>
/// <param name="repository">The project.</param>
internal sealed class ImageCache(Repository repository)
{
    /// <summary>An image of a kernel without further options.</summary>
    /// <param name="kernel">Path of the kernel, as the kernel builder returned it.</param>
    /// <param name="format">The format.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Path of the image.</returns>
    public async Task<string> GetAsync(string kernel, ImageFormat format, CancellationToken cancellationToken)
    {
        if (format == ImageFormat.Elf)
            return kernel;
        var name = Path.GetFileName(Path.GetDirectoryName(kernel)!);
        var image = Path.Combine(repository.Images, $"{name}.{format.ToString().ToLowerInvariant()}");
        var stamp = image + ".sha256";
        using var gate = await FileLock.AcquireAsync(image + ".lock", cancellationToken).ConfigureAwait(false);

        var bytes = await File.ReadAllBytesAsync(kernel, cancellationToken).ConfigureAwait(false);
        var digest = Convert.ToHexStringLower(MediumContent.Create(repository, bytes, "").Digest) + " " + typeof(ImageCache).Module.ModuleVersionId;
        if (File.Exists(image) && File.Exists(stamp) && await File.ReadAllTextAsync(stamp, cancellationToken).ConfigureAwait(false) == digest)
            return image;
        File.Delete(stamp);
        await new ImageBuilder(repository).WriteAsync(bytes, format, "", image, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(stamp, digest, cancellationToken).ConfigureAwait(false);
        return image;
    }
}
