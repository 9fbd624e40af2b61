using GuestOS.Boot.Build;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Boot.Tests;

/// <summary>One image of each format, made from a test kernel; installs what making them needs.</summary>
public sealed class ImageFixture : IAsyncLifetime, IDisposable
{
    internal const int KernelLength = 100_003;
    private readonly WorkFolder _work = new();

    internal Repository Repository { get; } = Repository.Find();

    internal byte[] Kernel { get; } = ElfFile.Strip(TestKernel.Create(KernelLength));

    public async ValueTask InitializeAsync()
    {
        await new Installer(AnsiConsole.Console).EnsureAsync(Job.BuildIso | Job.BuildDisk | Job.ConvertDisk, CancellationToken.None);
        foreach (var format in Enum.GetValues<ImageFormat>())
            await new ImageBuilder(Repository).WriteAsync(Kernel, format, "", PathOf(format), CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _work.Dispose();

    internal string PathOf(ImageFormat format) => File("image." + format.ToString().ToLowerInvariant());

    internal string File(string name) => _work.File(name);
}
