using System.CommandLine;
using GuestOS.Boot.Build;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;

namespace GuestOS.Boot.Commands;

/// <summary>The <c>image</c> command: writes a bootable image.</summary>
internal sealed class ImageCommand : Command
{
    private readonly Option<ImageFormat> _format = CommonOptions.Choice<ImageFormat>("--format", "What to make.", null);
    private readonly Option<string> _output = new("--output") { Description = "The file to write.", HelpName = "FILE", Required = true };
    private readonly Option<string?> _program = CommonOptions.Program();
    private readonly Option<string> _append = CommonOptions.Append("Kernel options that become part of the image.");

    /// <summary>Declares the command.</summary>
    public ImageCommand()
        : base("image", "Write a bootable image.")
    {
        foreach (var option in new Option[] { _format, _output, _program, _append })
            Options.Add(option);
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult options, CancellationToken cancellationToken)
    {
        var format = options.GetValue(_format);
        var output = Path.GetFullPath(options.GetValue(_output)!);
        if (Directory.Exists(output))
            throw new ToolException($"{output} is a folder; --output names the image file.");
        await tools.EnsureAsync(Job.BuildKernel | JobOf(format), cancellationToken).ConfigureAwait(false);
        var kernelPath = await tools.BuildKernelAsync(options.GetValue(_program), cancellationToken).ConfigureAwait(false);
        var kernel = await File.ReadAllBytesAsync(kernelPath, cancellationToken).ConfigureAwait(false);
        try
        {
            await new ImageBuilder(tools.Repository).WriteAsync(kernel, format, options.GetValue(_append)!, output, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"{output} cannot be written: {e.Message}", e);
        }

        Spectre.Console.AnsiConsoleExtensions.WriteLine(tools.Console, $"{Repository.Display(output)}: {new FileInfo(output).Length} bytes");
        return 0;
    }

    private static Job JobOf(ImageFormat format) => format switch
    {
        ImageFormat.Iso => Job.BuildIso,
        ImageFormat.Img or ImageFormat.Vhd => Job.BuildDisk,
        ImageFormat.Vhdx => Job.BuildDisk | Job.ConvertDisk,
        _ => Job.None,
    };
}
