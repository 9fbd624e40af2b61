using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Balloon.Protocol;
using GuestOS.Machine.Memory;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>What the host asks for.</summary>
internal sealed partial class BalloonClient
{
    /// <summary>Hosts repeat a request that was not met; the heap is not compacted again for each.</summary>
    private static readonly TimeSpan CompactionInterval = TimeSpan.FromSeconds(1);

    private readonly PageRange[] _ranges = new PageRange[BalloonResponse.MostRanges];
    private Inflation? _inflation;
    private Deflation? _deflation;
    private long? _lastCompaction;

    private void BeginInflation(uint pages)
    {
        State = BalloonState.Inflating;
        _inflation = new Inflation { Asked = pages, Start = _clock.GetTimestamp() };
    }

    /// <summary>Takes the next part out of use and writes the response that names it.</summary>
    private void Inflate(Inflation inflation)
    {
        ulong left = inflation.Asked - inflation.Done;
        if (inflation.Done == 0)
            CompactIfShort(left);
        var figures = _memory.Read();
        inflation.RangeCount = left == 0 ? 0 : _memory.Take(left, MemoryFloor.Of(figures.Total), _ranges);
        inflation.Taken = 0;
        for (int i = 0; i < inflation.RangeCount; i++)
            inflation.Taken += _ranges[i].Count;
        inflation.IsLast = inflation.RangeCount == 0 || inflation.Taken == left;

        ref var response = ref Begin<BalloonResponse>(BalloonMessageType.BalloonResponse);
        response.Ranges = ((uint)inflation.RangeCount << BalloonResponse.CountShift) | (inflation.IsLast ? 0 : BalloonResponse.More);
        int length = BalloonResponse.Size + (inflation.RangeCount * WirePageRange.Size);
        var wire = MemoryMarshal.Cast<byte, WirePageRange>(_outgoing.AsSpan(BalloonResponse.Size, inflation.RangeCount * WirePageRange.Size));
        for (int i = 0; i < inflation.RangeCount; i++)
            wire[i] = new WirePageRange(_ranges[i].First, _ranges[i].Count);
        MemoryMarshal.AsRef<BalloonHeader>(_outgoing.AsSpan()).Length = (ushort)length;
        _outgoingLength = length;
    }

    private void CompactIfShort(ulong wanted)
    {
        var figures = _memory.Read();
        ulong floor = MemoryFloor.Of(figures.Total);
        if (figures.Free >= floor + wanted || (_lastCompaction is { } last && _clock.GetElapsedTime(last) < CompactionInterval))
            return;
        _memory.Compact();
        _tally.Compactions++;
        _lastCompaction = _clock.GetTimestamp();
    }

    /// <summary>The host knows of the pages now: they are its own.</summary>
    private void AfterResponse(Inflation inflation)
    {
        inflation.Done += inflation.Taken;
        _tally.PagesOut += (long)inflation.Taken;
        inflation.Taken = 0;
        inflation.RangeCount = 0;
        if (!inflation.IsLast)
            return;
        _inflation = null;
        _tally.Inflations++;
        Finish(BalloonOperation.Inflate, inflation.Asked, inflation.Done, inflation.Start, error: null);
    }

    /// <summary>The host was never told of these pages, so they are not its own.</summary>
    private void AbandonInflation(Inflation inflation)
    {
        for (int i = 0; i < inflation.RangeCount; i++)
            _memory.Give(_ranges[i]);
        _inflation = null;
    }

    private void OnUnballoon(BalloonMessage message)
    {
        var request = message.As<UnballoonRequest>();
        State = BalloonState.Deflating;
        _deflation ??= new Deflation { Start = _clock.GetTimestamp() };
        if (message.TryGetRanges(request.RangeCount, out var ranges))
        {
            foreach (var wire in ranges)
                Deflate(_deflation, new PageRange(wire.First, wire.Count));
        }
        else
        {
            Complain(ref _tally.Malformed, "an unballoon request with fewer ranges than it says");
            _deflation.Error = "The host named ranges that its request does not hold.";
        }

        if ((request.Flags & UnballoonRequest.More) != 0)
            return;
        var done = _deflation;
        _deflation = null;
        _tally.Deflations++;
        Begin<BalloonHeader>(BalloonMessageType.UnballoonResponse);
        TryFlush();
        Finish(BalloonOperation.Deflate, done.Asked, done.Done, done.Start, done.Error);
    }

    private void Deflate(Deflation deflation, PageRange range)
    {
        deflation.Asked += range.Count;
        ulong given = _memory.Give(range);
        deflation.Done += given;
        _tally.PagesBack += (long)given;
        if (given == range.Count && range.Count != 0)
            return;
        Complain(ref _tally.ForeignRanges, "pages back that it did not have");
        deflation.Error = $"The host did not have all of {range}.";
    }

    private void OnHotAdd(BalloonMessage message)
    {
        State = BalloonState.Adding;
        long start = _clock.GetTimestamp();
        var wire = message.As<HotAddRequest>().Range;
        var range = new PageRange(wire.First, wire.Count);
        ulong added = 0;
        string? error = null;
        var result = MemoryAddition.Refused;
        if (range.Count == 0 || !IsInsideRegion(message, range))
            error = $"The host wants to add {range}, which is not inside its region.";
        else if ((result = _memory.Add(range, out added)) != MemoryAddition.Added)
            error = $"Of {range} only {added} pages can be added{(result == MemoryAddition.NotNow ? " at present" : "")}.";
        if (error is not null)
            Complain(ref _tally.RefusedRanges, "memory that cannot be added");
        _tally.Additions++;

        ref var response = ref Begin<HotAddResponse>(BalloonMessageType.HotAddResponse);
        response.PageCount = (uint)added;
        response.Result = result == MemoryAddition.NotNow && added == 0 ? HotAddResponse.NotNow : HotAddResponse.Done;
        TryFlush();
        Finish(BalloonOperation.Add, range.Count, added, start, error);
    }

    /// <summary>Without a region, which may be left out or zero, the range is all there is (rule B4).</summary>
    private static bool IsInsideRegion(BalloonMessage message, PageRange range)
    {
        if (message.Length < Unsafe.SizeOf<HotAddRegionRequest>())
            return true;
        var region = message.As<HotAddRegionRequest>().Region;
        return region.Count == 0 || (range.First >= region.First && range.End <= region.First + region.Count);
    }

    private void Finish(BalloonOperation operation, ulong asked, ulong done, long start, string? error)
    {
        if (State != BalloonState.Stopped)
            State = _deflation is null ? BalloonState.Idle : BalloonState.Deflating;
        _memory.Settle();
        _changed(new BalloonChange(operation, asked, done, _clock.GetElapsedTime(start), error));
    }

    /// <summary>A balloon request that is being carried out.</summary>
    private sealed class Inflation
    {
        public required ulong Asked { get; init; }

        public required long Start { get; init; }

        /// <summary>Pages that the host was told of.</summary>
        public ulong Done { get; set; }

        /// <summary>Ranges, and pages in these, that are out of use and that the host was not told of.</summary>
        public int RangeCount { get; set; }

        public ulong Taken { get; set; }

        /// <summary>The response that is being sent is the last one.</summary>
        public bool IsLast { get; set; }
    }

    /// <summary>An unballoon request of which more parts may come.</summary>
    private sealed class Deflation
    {
        public required long Start { get; init; }

        public ulong Asked { get; set; }

        public ulong Done { get; set; }

        public string? Error { get; set; }
    }
}
