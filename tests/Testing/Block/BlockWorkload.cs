using GuestOS.Machine.Block;

namespace GuestOS.Testing.Block;

/// <summary>Programs that use a disk: each issues one request after another, of every kind, and the history judges what they get.</summary>
public sealed class BlockWorkload
{
    private const int LongestRequest = 4;

    private readonly IBlockDevice _disk;
    private readonly BlockHistory _history;
    private readonly Random _random;
    private readonly TimeProvider _clock;
    private readonly Func<int, Memory<byte>> _allocate;

    /// <param name="disk">The disk.</param>
    /// <param name="history">The judge.</param>
    /// <param name="random">What the programs do.</param>
    /// <param name="clock">Time.</param>
    /// <param name="allocate">Memory for requests; null for the managed heap.</param>
    public BlockWorkload(IBlockDevice disk, BlockHistory history, Random random, TimeProvider clock, Func<int, Memory<byte>>? allocate = null)
    {
        _disk = disk;
        _history = history;
        _random = random;
        _clock = clock;
        _allocate = allocate ?? (length => new byte[length]);
    }

    /// <summary>Requests may fail because the disk is gone.</summary>
    public bool MayBeGone { get; set; }

    /// <summary>One in so many requests is cancelled at some time; 0 for none.</summary>
    public int CancelOneIn { get; set; }

    /// <summary>Requests that have ended, however.</summary>
    public int Ended { get; private set; }

    /// <summary>One program.</summary>
    public async Task RunAsync(int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            using var cancel = new CancellationTokenSource();
            using var timer = CancelOneIn != 0 && _random.Next(CancelOneIn) == 0
                ? _clock.CreateTimer(_ => cancel.Cancel(), null, TimeSpan.FromMicroseconds(_random.Next(200)), Timeout.InfiniteTimeSpan)
                : null;
            var token = timer is null ? default : cancel.Token;
            switch (_random.Next(10))
            {
                case < 5:
                    await WriteAsync(token).ConfigureAwait(false);
                    break;
                case < 8:
                    await ReadAsync(token).ConfigureAwait(false);
                    break;
                default:
                    await FlushAsync(token).ConfigureAwait(false);
                    break;
            }

            Ended++;
        }
    }

    private async Task WriteAsync(CancellationToken token)
    {
        var (block, data) = Choose();
        var stamp = _history.BeginWrite(block, data.Span);
        var isGood = await JudgeAsync(_disk.WriteAsync((ulong)block, data, token), "write").ConfigureAwait(false);
        _history.EndWrite(stamp, isGood);
    }

    private async Task ReadAsync(CancellationToken token)
    {
        var (block, data) = Choose();
        var start = _history.Now;
        if (await JudgeAsync(_disk.ReadAsync((ulong)block, data, token), "read").ConfigureAwait(false))
            _history.CheckRead(start, block, data.Span);
    }

    private async Task FlushAsync(CancellationToken token)
    {
        var start = _history.Now;
        if (await JudgeAsync(_disk.FlushAsync(token), "flush").ConfigureAwait(false))
            _history.EndFlush(start);
    }

    private (int Block, Memory<byte> Data) Choose()
    {
        var count = _random.Next(1, LongestRequest + 1);
        return (_random.Next(_history.BlockCount - count + 1), _allocate(count * BlockHistory.BlockSize));
    }

    private async ValueTask<bool> JudgeAsync(ValueTask<BlockResult> request, string what)
    {
        try
        {
            var result = await request.ConfigureAwait(false);
            if (!result.IsSuccess && !(MayBeGone && result.Error.Kind == BlockErrorKind.Gone))
                _history.Violations.Add($"{what} failed: {result.Error}");
            return result.IsSuccess;
        }
        catch (OperationCanceledException) when (CancelOneIn != 0)
        {
            return false;
        }
    }
}
