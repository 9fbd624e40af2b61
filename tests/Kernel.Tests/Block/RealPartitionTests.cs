using System.Diagnostics;
using GuestOS.Kernel.Block.Partitions;
using GuestOS.Kernel.Tests.Fakes;

namespace GuestOS.Kernel.Tests.Block;

/// <summary>Tables made by other people's tools, where these are installed.</summary>
public sealed class RealPartitionTests
{
    [Theory]
    [InlineData("dos", "mbr", new[] { 1, 5, 6 })]
    [InlineData("gpt", "gpt", new[] { 1, 2, 3, 4 })]
    public async Task A_table_by_sfdisk_is_read_like_sfdisk_meant_it(string label, string kind, int[] numbers)
    {
        string tool = FindTool("sfdisk");
        string script = label == "dos"
            ? "label: dos\nstart=2048,size=2048,type=83\nstart=4096,size=20480,type=5\nstart=6144,size=2048,type=83\nstart=10240,size=2048,type=82\n"
            : "label: gpt\nstart=2048,size=2048\nstart=4096,size=2048\nstart=6144,size=2048\nstart=10240,size=2048\n";
        PartitionTable table = await MakeAsync(tool, script, "--quiet", "--no-reread", "--no-tell-kernel");
        Assert.Equal(kind, table.Kind);
        Assert.Equal(numbers, table.Partitions.Select(partition => partition.Number));
        Assert.All(table.Partitions, partition => Assert.Equal(2048ul, partition.BlockCount));
        Assert.Empty(table.Warnings);
    }

    [Fact]
    public async Task A_table_by_sgdisk_is_read_like_sgdisk_meant_it()
    {
        string tool = FindTool("sgdisk");
        PartitionTable table = await MakeAsync(tool, "", "-n", "1:2048:4095", "-c", "1:first", "-t", "1:ef00", "-n", "2:4096:8191", "-c", "2:zweite");
        Assert.Equal("gpt", table.Kind);
        Assert.Equal([new(1, 2048, 2048, "EFI system \"first\""), new(2, 4096, 4096, "Linux file system \"zweite\"")], table.Partitions);
    }

    private static string FindTool(string name)
    {
        string? path = new[] { "/usr/sbin", "/sbin", "/usr/bin" }.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed.");
        return path!;
    }

    private static async Task<PartitionTable> MakeAsync(string tool, string input, params string[] arguments)
    {
        string image = Path.GetTempFileName();
        try
        {
            await using (FileStream file = File.OpenWrite(image))
                file.SetLength(16 << 20);
            var start = new ProcessStartInfo(tool) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in arguments)
                start.ArgumentList.Add(argument);
            start.ArgumentList.Add(image);
            using Process process = Process.Start(start)!;
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, errors + await output);
            return await PartitionScanner.ScanAsync(new MemoryBlockDevice(await File.ReadAllBytesAsync(image)));
        }
        finally
        {
            File.Delete(image);
        }
    }
}
