using GuestOS.Kernel.Block;
using GuestOS.Kernel.FileSystems;
using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>hash:DISK[:/PATH][:pio|:dma]</c>: SHA-256 of a whole disk, or of a file on it.</summary>
internal sealed class HashSelfTest : ISelfTest
{
    public string Name => "hash";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        List<string> left = [.. arguments];
        SelfTestTarget target = SelfTestTarget.Parse(system, left);
        string? path = left.Count == 1 && left[0].StartsWith('/') ? left[0] : null;
        if (left.Count > (path is null ? 0 : 1))
            throw new SelfTestException("it takes a disk, a path that begins with a slash, and pio or dma");

        long start = system.Machine.Clock.GetTimestamp();
        (HashResult result, string? error, string? mode) = await target.HoldAsync(async () =>
        {
            (HashResult Result, string? Error) hashed = path is null
                ? await HashDiskAsync(target).ConfigureAwait(false)
                : await HashFileAsync(system, target, path).ConfigureAwait(false);
            return (hashed.Result, hashed.Error, target.Mode);
        }).ConfigureAwait(false);
        TimeSpan time = system.Machine.Clock.GetElapsedTime(start);
        system.Machine.Events.Write(
            "hash",
            new("disk", target.Entry.Name),
            new("path", path),
            new("mode", mode),
            new("length", result.Length),
            new("sha256", result.Sha256),
            new("ns", time.Ticks * 100),
            result.Error?.Block is { } block ? new("lba", block) : default,
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        if (error is not null)
            system.Machine.Log.Error(error);
        return error is null;
    }

    private static async Task<(HashResult Result, string? Error)> HashDiskAsync(SelfTestTarget target)
    {
        HashResult result = await BlockHasher.HashAsync(target.Entry.Device).ConfigureAwait(false);
        return (result, result.Error?.ToString());
    }

    private static async Task<(HashResult Result, string? Error)> HashFileAsync(KernelSystem system, SelfTestTarget target, string path)
    {
        MountTable files = await target.OpenVolumeAsync(system).ConfigureAwait(false);
        FileResult<FilePlace> place = await files.FindAsync(KernelSystem.BootMount + path).ConfigureAwait(false);
        if (!place.IsSuccess)
            return (default, place.Error.Message);
        FileResult<FileHash> hash = await FileHasher.HashAsync(place.Value).ConfigureAwait(false);
        return hash.IsSuccess ? (new HashResult(hash.Value.Length, hash.Value.Sha256, null), null) : (default, hash.Error.Message);
    }
}
