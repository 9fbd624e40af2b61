using System.Globalization;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>atabench:DISK:MILLISECONDS[:pio|:dma]</c>: measures a disk under several kinds of load, and overwrites it.</summary>
internal sealed class AtaBenchSelfTest : ISelfTest
{
    private const int SequentialBytes = 128 << 10;
    private const int RandomBytes = 4 << 10;
    private const int MostDepth = 4;
    private const int MostMilliseconds = 600_000;

    /// <summary>The clock is looked at once in so many requests.</summary>
    private const int RequestsPerLook = 16;

    public string Name => "atabench";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        List<string> left = [.. arguments];
        SelfTestTarget target = SelfTestTarget.Parse(system, left);
        if (left.Count != 1 || !int.TryParse(left[0], NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) || milliseconds is < 1 or > MostMilliseconds)
            throw new SelfTestException($"it takes a disk, milliseconds from 1 to {MostMilliseconds}, and pio or dma");
        if (target.Entry.IsBootMedium)
            throw new SelfTestException("the boot medium is not overwritten");
        if (target.Entry.Device.Geometry.ByteCount < SequentialBytes)
            throw new SelfTestException($"the disk is smaller than a request of {SequentialBytes} bytes");

        bool isGood = await target.HoldAsync(() => MeasureAllAsync(system, target, TimeSpan.FromMilliseconds(milliseconds))).ConfigureAwait(false);
        await system.LookAgainAsync(target.Entry).ConfigureAwait(false);
        return isGood;
    }

    private static async Task<bool> MeasureAllAsync(KernelSystem system, SelfTestTarget target, TimeSpan time)
    {
        var buffers = new byte[MostDepth][];
        for (int i = 0; i < MostDepth; i++)
        {
            buffers[i] = GC.AllocateUninitializedArray<byte>(SequentialBytes, pinned: true);
            buffers[i].AsSpan().Fill(0x5A);
        }

        foreach (int depth in (int[])[1, MostDepth])
        {
            foreach (bool isRandom in (bool[])[false, true])
            {
                foreach (bool isWrite in (bool[])[true, false])
                {
                    int size = isRandom ? RandomBytes : SequentialBytes;
                    var load = new DiskLoad(target.Entry.Device, system.Machine.Clock, isWrite, isRandom, size, time);
                    await load.RunAsync(buffers.AsMemory(0, depth)).ConfigureAwait(false);
                    string? error = load.Error?.ToString();
                    system.Machine.Events.Write(
                        "atabench",
                        new("disk", target.Entry.Name),
                        new("mode", target.Mode),
                        new("operation", isWrite ? "write" : "read"),
                        new("order", isRandom ? "random" : "sequential"),
                        new("requestBytes", size),
                        new("depth", depth),
                        new("requests", load.Requests),
                        new("ns", load.Time.Ticks * 100),
                        new("result", error is null ? "ok" : "error"),
                        new("error", error));
                    if (error is not null)
                        return false;
                }
            }
        }

        return true;
    }

    /// <summary>One kind of load: each worker has one request in flight, so their number is the depth.</summary>
    private sealed class DiskLoad
    {
        private readonly IBlockDevice _device;
        private readonly TimeProvider _clock;
        private readonly bool _isWrite;
        private readonly bool _isRandom;
        private readonly int _size;
        private readonly TimeSpan _limit;
        private readonly ulong _places;
        private readonly uint _blocksPerPlace;
        private readonly Lock _lock = new();
        private ulong _next;
        private ulong _state = 0x9E37_79B9_7F4A_7C15;
        private long _start;
        private bool _isOver;

        public DiskLoad(IBlockDevice device, TimeProvider clock, bool isWrite, bool isRandom, int size, TimeSpan limit)
        {
            _device = device;
            _clock = clock;
            _isWrite = isWrite;
            _isRandom = isRandom;
            _size = size;
            _limit = limit;
            _blocksPerPlace = (uint)Math.Max(1, size / device.Geometry.BlockSize);
            _places = device.Geometry.BlockCount / _blocksPerPlace;
        }

        public long Requests { get; private set; }

        public TimeSpan Time { get; private set; }

        public BlockError? Error { get; private set; }

        public async Task RunAsync(ReadOnlyMemory<byte[]> buffers)
        {
            var workers = new Task[buffers.Length];
            _start = _clock.GetTimestamp();
            for (int i = 0; i < workers.Length; i++)
                workers[i] = WorkAsync(buffers.Span[i].AsMemory(0, _size));
            await Task.WhenAll(workers).ConfigureAwait(false);
            Time = _clock.GetElapsedTime(_start);
        }

        private async Task WorkAsync(Memory<byte> buffer)
        {
            while (TryNext(out ulong block))
            {
                BlockResult result = _isWrite
                    ? await _device.WriteAsync(block, buffer).ConfigureAwait(false)
                    : await _device.ReadAsync(block, buffer).ConfigureAwait(false);
                if (result.IsSuccess)
                    continue;
                lock (_lock)
                {
                    Error ??= result.Error;
                    _isOver = true;
                }
            }
        }

        private bool TryNext(out ulong block)
        {
            lock (_lock)
            {
                block = 0;
                if (Requests % RequestsPerLook == 0 && Requests != 0 && _clock.GetElapsedTime(_start) >= _limit)
                    _isOver = true;
                if (_isOver)
                    return false;
                Requests++;
                block = NextPlace() * _blocksPerPlace;
                return true;
            }
        }

        /// <summary>One after the other and from the start again, or anywhere by xorshift64 (Marsaglia 2003).</summary>
        private ulong NextPlace()
        {
            if (!_isRandom)
                return _next++ % _places;
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            return _state % _places;
        }
    }
}
