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
        return new BootMedium(await new ImageCache(_repository).GetAsync(_kernel!, format, cancellationToken).ConfigureAwait(false), format, KernelBuilder.SymbolsOf(_kernel!));
    }

    /// <summary>Whether images of other programs can be built.</summary>
    public bool CanBuild => _kernel is not null;

    /// <summary>Builds an image with another program.</summary>
    /// <param name="program">The program's project file, relative to the project's root.</param>
    /// <param name="format">The format.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<BootMedium> BuildAsync(string program, ImageFormat format, CancellationToken cancellationToken)
    {
        var kernel = await new KernelBuilder(_repository).BuildAsync(Path.Combine(_repository.Root, program), null, cancellationToken).ConfigureAwait(false);
        return new BootMedium(await new ImageCache(_repository).GetAsync(kernel, format, cancellationToken).ConfigureAwait(false), format, KernelBuilder.SymbolsOf(kernel));
    }

    /// <summary>The medium that boots fastest.</summary>
    public Task<BootMedium> GetFastestAsync(CancellationToken cancellationToken) => GetAsync(FastestFirst.First(Has), cancellationToken);
}
