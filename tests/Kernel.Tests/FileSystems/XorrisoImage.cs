using System.Diagnostics;

namespace GuestOS.Kernel.Tests.FileSystems;

/// <summary>A tree of files and the image that xorriso makes of it.</summary>
internal sealed class XorrisoImage : IDisposable
{
    private const string Tool = "/usr/bin/xorriso";

    private readonly string _folder = Directory.CreateTempSubdirectory("guestos-iso-").FullName;

    public string Tree => Path.Combine(_folder, "tree");

    public static void SkipWithoutTool() => Assert.SkipUnless(File.Exists(Tool), "xorriso is not installed.");

    public void AddFile(string path, byte[] content)
    {
        string file = Path.Combine(Tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }

    public async Task<byte[]> MakeAsync(params string[] options)
    {
        string image = Path.Combine(_folder, "image.iso");
        var start = new ProcessStartInfo(Tool) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-as", "mkisofs", "-quiet", "-V", "TESTVOLUME", "-o", image, .. options, Tree])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors + await output);
        return await File.ReadAllBytesAsync(image);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
