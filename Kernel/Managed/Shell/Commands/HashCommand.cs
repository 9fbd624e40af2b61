using System.Globalization;
using GuestOS.Kernel.Block;
using GuestOS.Kernel.FileSystems;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>SHA-256 of a disk or a file.</summary>
internal sealed class HashCommand : ICommand
{
    public string Name => "hash";

    public string Arguments => "<disk|path>";

    public string Summary => "SHA-256 of a whole disk, or of a file such as /boot/README.md";

    public IEnumerable<string> Complete(KernelSystem system, string start) => start.Contains('/', StringComparison.Ordinal)
        ? PathCompletion.Complete(system, start)
        : system.Blocks.Entries.Select(entry => entry.Name);

    public async ValueTask ExecuteAsync(CommandContext context)
    {
        string target = context.RequireOne("the name of a disk or the path of a file");
        long start = context.System.Machine.Clock.GetTimestamp();
        (ulong length, string hash) = target.Contains('/', StringComparison.Ordinal)
            ? await HashFileAsync(context, target).ConfigureAwait(false)
            : await HashDiskAsync(context, target).ConfigureAwait(false);
        TimeSpan time = context.System.Machine.Clock.GetElapsedTime(start);
        double rate = length / Math.Max(time.TotalSeconds, 1e-9) / (1 << 20);
        context.Output.WriteLine(ConsoleOutput.Format($"{hash}  {target}  {length} bytes, {time.TotalSeconds:0.000} s, {rate:0.0} MiB/s"));
    }

    private static async Task<(ulong Length, string Hash)> HashDiskAsync(CommandContext context, string name)
    {
        if (!context.System.Blocks.TryFind(name, out BlockEntry? entry))
            throw new CommandException($"There is no disk '{name}'; see disks.");
        HashResult result = await BlockHasher.HashAsync(entry.Device, cancellationToken: context.CancellationToken).ConfigureAwait(false);
        return result.Error is null
            ? (result.Length, result.Sha256!)
            : throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"After {result.Length} bytes: {result.Error}"));
    }

    private static async Task<(ulong Length, string Hash)> HashFileAsync(CommandContext context, string path)
    {
        FileResult<FilePlace> place = await context.System.Files.FindAsync(path, cancellationToken: context.CancellationToken).ConfigureAwait(false);
        if (!place.IsSuccess)
            throw new CommandException(place.Error.Message);
        FileResult<FileHash> hash = await FileHasher.HashAsync(place.Value, context.CancellationToken).ConfigureAwait(false);
        return hash.IsSuccess ? (hash.Value.Length, hash.Value.Sha256) : throw new CommandException(hash.Error.Message);
    }
}
