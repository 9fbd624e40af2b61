using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke;

/// <summary>The media that scenarios boot: those that the tool builds, or the one image that the user named.</summary>
internal sealed class SmokeMedia
{
    private static readonly ImageFormat[] FastestFirst =
        [ImageFormat.Elf, ImageFormat.Iso, ImageFormat.Img, ImageFormat.Vhd, ImageFormat.Vhdx];

    private readonly Repository _repository;
    private readonly string? _kernel;
    private readonly BootMedium? _image;

    private SmokeMedia(Repository repository, string? kernel, BootMedium? image)
    {
        _repository = repository;
        _kernel = kernel;
        _image = image;
    }

    /// <summary>The project.</summary>
    public Repository Repository => _repository;

    /// <summary>Media of a kernel that was just built.</summary>
    public static SmokeMedia OfKernel(Repository repository, string kernel) => new(repository, kernel, null);

    /// <summary>One finished image.</summary>
    public static SmokeMedia OfImage(Repository repository, BootMedium image) => new(repository, null, image);

    /// <summary>Whether there is a medium of a format.</summary>
    public bool Has(ImageFormat format) => _image is null || _image.Format == format;

    /// <summary>The medium of a format; made when it is needed for the first time.</summary>
    public async Task<BootMedium> GetAsync(ImageFormat format, CancellationToken cancellationToken)
    {
        if (_image is not null)
            return _image.Format == format ? _image : throw new ToolException($"{_image.Path} is no {format}.");
        return new BootMedium(await new ImageCache(_repository).GetAsync(_kernel!, format, cancellationToken).ConfigureAwait(false), format);
    }

    /// <summary>The medium that boots fastest.</summary>
    public Task<BootMedium> GetFastestAsync(CancellationToken cancellationToken) => GetAsync(FastestFirst.First(Has), cancellationToken);
}
