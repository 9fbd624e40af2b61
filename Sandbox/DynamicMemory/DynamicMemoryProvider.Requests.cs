using System.Buffers.Binary;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.DynamicMemory;

/// <content>What the host asks for.</content>
public sealed partial class DynamicMemoryProvider
{
    private PageRange _offered;
    private uint _asked;

    /// <summary>Asks for pages: BALLOON_REQUESTs of at most <see cref="DynamicMemoryOptions.MostPagesAtATime"/> until the guest has given them or gives no more.</summary>
    public void Balloon(uint pages) => Enqueue(() => AskForPages(pages));

    /// <summary>Gives pages back, lowest first, as far as there are any.</summary>
    public void Unballoon(ulong pages) => Enqueue(() => GiveBack(pages));

    /// <summary>Balloons or gives back until the guest has given so many pages, as setting a target size does.</summary>
    public void BalloonTo(ulong pages) => Enqueue(() =>
    {
        if (pages > Ballooned.Count)
            AskForPages((uint)Math.Min(pages - Ballooned.Count, uint.MaxValue));
        else
            GiveBack(Ballooned.Count - pages);
    });

    /// <summary>Offers memory.</summary>
    /// <param name="range">The memory.</param>
    /// <param name="region">The region around it that the guest may set up; null leaves it to the guest (16 bytes instead of 24).</param>
    public void HotAdd(PageRange range, PageRange? region = null) => Enqueue(() =>
    {
        State = DynamicMemoryState.HotAdding;
        _offered = range;
        var message = new byte[region is null ? 16 : 24];
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(8), RangeWord.Encode(range));
        if (region is { } around)
            BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16), RangeWord.Encode(around));
        Send(10, message, NextId());
    });

    /// <summary>Tells the guest the most pages it will ever have. It has no answer.</summary>
    public void Inform(ulong mostPages) => Enqueue(() =>
    {
        var message = new byte[32];
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), 16);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(20), 8);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(24), mostPages);
        Send(12, message, NextId());
        Next();
    });

    private void Enqueue(Action request)
    {
        void Add()
        {
            _requests.Enqueue(request);
            Next();
        }

        if (_session is { } session)
            session.Post(Add);
        else
            _requests.Enqueue(request);
    }

    private void Next()
    {
        if (State == DynamicMemoryState.Idle && !_isQuiet && _requests.TryDequeue(out var request))
            request();
    }

    private void Finish()
    {
        State = DynamicMemoryState.Idle;
        Finished++;
        Next();
    }

    private void AskForPages(uint pages)
    {
        if (pages == 0)
        {
            Next();
            return;
        }

        State = DynamicMemoryState.Ballooning;
        Missing = pages;
        _asked = Math.Min(pages, Options.MostPagesAtATime);
        var message = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), _asked);
        Send(6, message, NextId());
    }

    private void TakeBalloon(ChannelSession session, ReadOnlySpan<byte> message)
    {
        var word = BinaryPrimitives.ReadUInt32LittleEndian(message[12..]);
        var (more, count) = ((word & 1) != 0, word >> 1);
        if (count > (message.Length - 16) / 8)
        {
            session.Report($"BALLOON_RESPONSE with {count} ranges in {message.Length} bytes");
            return;
        }

        var ranges = new List<PageRange>();
        for (var i = 0; i < (int)count; i++)
            ranges.Add(RangeWord.Decode(BinaryPrimitives.ReadUInt64LittleEndian(message[(16 + (8 * i))..])));
        BalloonResponses.Add((ranges, more));
        foreach (var range in ranges)
        {
            if (range.Count == 0 || range.Count > _asked)
                session.Report($"BALLOON_RESPONSE with {range} when {_asked} more pages were asked for");
            else if (Options.IsGuestFrame is { } isGuest && !(isGuest(range.First) && isGuest(range.End - 1)))
                session.Report($"BALLOON_RESPONSE with {range}, which is not the guest's");
            else if (Ballooned.ContainsAny(range))
                session.Report($"BALLOON_RESPONSE with {range}, of which a part was given before");
            else
                Take(range);
        }

        if (count == 0)
            Finish();
        else if (!more && Missing > 0 && _asked == 0)
            AskForPages(Missing);
        else if (!more)
            Finish();
    }

    private void Take(PageRange range)
    {
        Ballooned.Add(range);
        _asked -= (uint)range.Count;
        Missing -= (uint)range.Count;
    }

    private void GiveBack(ulong pages)
    {
        var ranges = Ballooned.Take(pages, Options.LongestRange);
        if (ranges.Count == 0)
        {
            Next();
            return;
        }

        State = DynamicMemoryState.Unballooning;
        for (var done = 0; done < ranges.Count;)
        {
            var part = ranges.Skip(done).Take(Options.MostRangesPerMessage).ToList();
            done += part.Count;
            SendUnballoon(part, (uint)part.Count, more: done < ranges.Count);
        }
    }

    private void SendUnballoon(List<PageRange> ranges, uint count, bool more)
    {
        var message = new byte[16 + (8 * ranges.Count)];
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), more ? 1u : 0u);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), count);
        for (var i = 0; i < ranges.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16 + (8 * i)), RangeWord.Encode(ranges[i]));
        Send(8, message, NextId());
    }

    private void TakeHotAdd(ChannelSession session, ReadOnlySpan<byte> message)
    {
        var outcome = new HotAddOutcome(
            _offered, BinaryPrimitives.ReadUInt32LittleEndian(message[8..]), BinaryPrimitives.ReadUInt32LittleEndian(message[12..]));
        if (outcome.Pages > _offered.Count || outcome.Result > 1 || (outcome.Result == 0 && outcome.Pages != 0))
            session.Report($"HOT_ADD_RESPONSE of {outcome.Pages} pages with result {outcome.Result} to {_offered}");
        HotAdds.Add(outcome);
        Finish();
    }
}
