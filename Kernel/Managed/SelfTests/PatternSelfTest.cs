using System.Globalization;
using GuestOS.Kernel.Block;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>pattern:DISK:SEED[:pio|:dma]</c>: writes a whole disk with overlapping writes, flushes, reads it back and compares.</summary>
internal sealed class PatternSelfTest : ISelfTest
{
    private const int ChunkSize = 256 * 1024;
    private const int Depth = 4;

    public string Name => "pattern";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        List<string> left = [.. arguments];
        SelfTestTarget target = SelfTestTarget.Parse(system, left);
        if (left.Count != 1 || !ulong.TryParse(left[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
            throw new SelfTestException("it takes a disk, a seed, and pio or dma");
        if (target.Entry.IsBootMedium)
            throw new SelfTestException("the boot medium is not overwritten");

        Outcome outcome = await target.HoldAsync(() => WriteAndCompareAsync(system, target, seed)).ConfigureAwait(false);
        system.Machine.Events.Write(
            "pattern",
            new("disk", target.Entry.Name),
            new("mode", outcome.Mode),
            new("seed", seed),
            new("length", outcome.Length),
            new("sha256", outcome.Sha256),
            new("writeNs", outcome.WriteTime.Ticks * 100),
            new("readNs", outcome.ReadTime.Ticks * 100),
            new("result", outcome.Error is null ? "ok" : "error"),
            new("error", outcome.Error));
        await system.LookAgainAsync(target.Entry).ConfigureAwait(false);
        return outcome.Error is null;
    }

    private static async Task<Outcome> WriteAndCompareAsync(KernelSystem system, SelfTestTarget target, ulong seed)
    {
        IBlockDevice device = target.Entry.Device;
        var hash = new Sha256();
        ulong length = 0;
        long start = system.Machine.Clock.GetTimestamp();
        string? error = await ForAllAsync(
            device,
            (block, bytes) =>
            {
                SplitMix64.Fill(bytes.Span, seed, FirstWord(device, block));
                return device.WriteAsync(block, bytes);
            },
            (_, bytes) =>
            {
                length += (ulong)bytes.Length;
                return null;
            }).ConfigureAwait(false);
        if (error is null)
            error = (await device.FlushAsync().ConfigureAwait(false)).Error?.ToString();
        TimeSpan writeTime = system.Machine.Clock.GetElapsedTime(start);

        start = system.Machine.Clock.GetTimestamp();
        if (error is null)
        {
            error = await ForAllAsync(
                device,
                (block, bytes) => device.ReadAsync(block, bytes),
                (block, bytes) =>
                {
                    hash.Append(bytes.Span);
                    int place = SplitMix64.FindDifference(bytes.Span, seed, FirstWord(device, block));
                    return place < 0
                        ? null
                        : string.Create(CultureInfo.InvariantCulture, $"{device.Name}: byte {(block * (uint)device.Geometry.BlockSize) + (uint)place} differs");
                }).ConfigureAwait(false);
        }

        return new Outcome(
            length, error is null ? hash.Finish() : null, writeTime, system.Machine.Clock.GetElapsedTime(start), target.Mode, error);
    }

    private static ulong FirstWord(IBlockDevice device, ulong block) => block * (uint)device.Geometry.BlockSize / 8;

    /// <summary>Issues a request for every chunk of the device, several at a time, and takes their results in order.</summary>
    /// <returns>The first error, or null.</returns>
    private static async Task<string?> ForAllAsync(
        IBlockDevice device, Func<ulong, Memory<byte>, ValueTask<BlockResult>> issue, Func<ulong, Memory<byte>, string?> take)
    {
        BlockGeometry geometry = device.Geometry;
        ulong blocksPerChunk = (ulong)Math.Max(1, ChunkSize / geometry.BlockSize);
        var free = new Stack<byte[]>();
        var pending = new Queue<(ulong Block, byte[] Bytes, Memory<byte> Memory, Task<BlockResult> Task)>();
        string? error = null;
        ulong next = 0;
        while (pending.Count > 0 || (error is null && next < geometry.BlockCount))
        {
            while (error is null && pending.Count < Depth && next < geometry.BlockCount)
            {
                ulong count = Math.Min(blocksPerChunk, geometry.BlockCount - next);
                if (!free.TryPop(out byte[]? bytes))
                    bytes = GC.AllocateUninitializedArray<byte>((int)blocksPerChunk * geometry.BlockSize);
                Memory<byte> memory = bytes.AsMemory(0, (int)count * geometry.BlockSize);
                pending.Enqueue((next, bytes, memory, issue(next, memory).AsTask()));
                next += count;
            }

            (ulong block, byte[] buffer, Memory<byte> done, Task<BlockResult> task) = pending.Dequeue();
            BlockResult result = await task.ConfigureAwait(false);
            error ??= result.IsSuccess ? take(block, done) : result.Error.ToString();
            free.Push(buffer);
        }

        return error;
    }

    private sealed record Outcome(ulong Length, string? Sha256, TimeSpan WriteTime, TimeSpan ReadTime, string? Mode, string? Error);
}
