using GuestOS.Kernel.Block;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>atapi:DISK</c>: reads a disc, ejects it, waits for another, reads that.</summary>
internal sealed class AtapiSelfTest : ISelfTest
{
    private static readonly TimeSpan ChangeLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public string Name => "atapi";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        List<string> left = [.. arguments];
        SelfTestTarget target = SelfTestTarget.Parse(system, left);
        if (left.Count != 0 || target.Entry.Device is not IRemovableBlockDevice drive)
            throw new SelfTestException("it takes the name of a drive with a removable medium");

        if (!await ReadAsync(system, target, "read").ConfigureAwait(false))
            return false;
        BlockResult ejected = await drive.EjectAsync().ConfigureAwait(false);
        Report(system, target, "ejected", default, ejected.Error?.ToString());
        if (!ejected.IsSuccess)
            return false;

        string? error = await WaitForMediumAsync(system, drive).ConfigureAwait(false);
        if (error is not null)
        {
            Report(system, target, "changed", default, error);
            return false;
        }

        await system.LookAgainAsync(target.Entry).ConfigureAwait(false);
        return await ReadAsync(system, target, "changed").ConfigureAwait(false);
    }

    private static async Task<bool> ReadAsync(KernelSystem system, SelfTestTarget target, string step)
    {
        HashResult hash = await BlockHasher.HashAsync(target.Entry.Device).ConfigureAwait(false);
        Report(system, target, step, hash, hash.Error?.ToString());
        return hash.Error is null;
    }

    /// <summary>Asks the drive now and then; null when a medium is in.</summary>
    private static async Task<string?> WaitForMediumAsync(KernelSystem system, IRemovableBlockDevice drive)
    {
        TimeProvider clock = system.Machine.Clock;
        long start = clock.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, clock);
        BlockResult last;
        do
        {
            last = await drive.RefreshMediumAsync().ConfigureAwait(false);
            if (last.IsSuccess && drive.Geometry.BlockCount > 0)
                return null;
        }
        while (clock.GetElapsedTime(start) < ChangeLimit && await timer.WaitForNextTickAsync().ConfigureAwait(false));
        return $"{drive.Name}: no medium came within {ChangeLimit.TotalSeconds} s{(last.IsSuccess ? "" : ": " + last.Error)}";
    }

    private static void Report(KernelSystem system, SelfTestTarget target, string step, HashResult hash, string? error) => system.Machine.Events.Write(
        "atapi",
        new("disk", target.Entry.Name),
        new("step", step),
        hash.Length > 0 ? new("length", hash.Length) : default,
        new("sha256", hash.Sha256),
        new("result", error is null ? "ok" : "error"),
        new("error", error));
}
