using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>Memory that the host shares (rule V12).</summary>
internal sealed partial class ConnectionLoop
{
    private readonly Dictionary<GpadlId, GpadlEntry> _gpadls = [];
    private uint _nextGpadl = GpadlId.First.Value;

    /// <summary>Shares pages on a channel.</summary>
    /// <param name="channel">On which.</param>
    /// <param name="frames">The pages.</param>
    /// <param name="created">Told once: null when the host took them, otherwise why not. May be called before this returns.</param>
    /// <returns>Null when it failed at once.</returns>
    public GpadlEntry? CreateGpadl(VmBusChannel channel, FrameList frames, Action<VmBusException?> created)
    {
        if (channel.IsRescinded || !channel.IsOffered || !IsConnected)
        {
            created(NotUsable(channel));
            return null;
        }

        var entry = new GpadlEntry(this, channel, NextGpadl(), frames.Bytes) { Created = created };
        _gpadls.Add(entry.Id, entry);
        entry.State = new GpadlState.Creating(Within(_options.AnswerTimeout, () => AbandonGpadl(
            entry, new VmBusException(VmBusErrorKind.TimedOut, $"the host did not answer GPADL {entry.Id} on {channel}"))));
        PostGpadl(entry, frames);
        return entry;
    }

    /// <summary>Nobody waits for GPADL_CREATED any more. The memory stays the host's until it says otherwise.</summary>
    public void AbandonGpadl(GpadlEntry entry, VmBusException failure)
    {
        if (entry.State is not GpadlState.Creating creating)
            return;
        creating.Deadline.Dispose();
        entry.State = new GpadlState.Abandoned();
        CountLeak(entry);
        entry.Created!(failure);
    }

    /// <summary>Takes the memory back from the host. <see cref="GpadlEntry.Ended"/> follows, unless it has come already.</summary>
    public void TearDown(GpadlEntry entry)
    {
        if (entry.State is GpadlState.Live)
            PostTeardown(entry);
    }

    public void OnGpadlCreated(ReadOnlySpan<byte> message)
    {
        var answer = MemoryMarshal.Read<GpadlCreated>(message);
        if (!_gpadls.TryGetValue(answer.Gpadl, out var entry) || entry.Channel.RelId != answer.RelId)
        {
            OnUnknownId($"GPADL_CREATED of {answer.Gpadl} on channel {answer.RelId}");
            return;
        }

        switch (entry.State)
        {
            case GpadlState.Creating creating when answer.Status == 0:
                creating.Deadline.Dispose();
                entry.State = new GpadlState.Live();
                entry.Created!(null);
                break;
            case GpadlState.Creating creating:
                creating.Deadline.Dispose();
                Remove(entry);
                entry.Created!(new VmBusException(VmBusErrorKind.Refused, $"the host refused GPADL {entry.Id} on {entry.Channel}: {answer.Status:x}"));
                break;
            case GpadlState.Abandoned when answer.Status == 0:
                Tally.LateAnswers++;
                PostTeardown(entry);
                break;
            case GpadlState.Abandoned:
                Tally.LateAnswers++;
                EndFree(entry);
                break;
            default:
                OnLateAnswer($"GPADL_CREATED of {answer.Gpadl}, a second one");
                break;
        }
    }

    public void OnGpadlTorndown(ReadOnlySpan<byte> message)
    {
        var id = MemoryMarshal.Read<GpadlTorndown>(message).Gpadl;
        if (!_gpadls.TryGetValue(id, out var entry))
        {
            OnUnknownId($"GPADL_TORNDOWN of {id}");
            return;
        }

        switch (entry.State)
        {
            case GpadlState.TearingDown:
                EndFree(entry);
                break;
            case GpadlState.Leaked:
                Tally.LateAnswers++;
                EndFree(entry);
                break;
            default:
                OnLateAnswer($"GPADL_TORNDOWN of {id}, which was not torn down");
                break;
        }
    }

    private static VmBusException NotUsable(VmBusChannel channel) => channel.IsRescinded
        ? new VmBusException(VmBusErrorKind.Rescinded, $"{channel} was taken back by the host")
        : new VmBusException(VmBusErrorKind.WrongState, $"{channel} is not connected");

    private GpadlId NextGpadl()
    {
        while (_nextGpadl == 0 || _gpadls.ContainsKey(new GpadlId(_nextGpadl)))
            _nextGpadl++;
        return new GpadlId(_nextGpadl++);
    }

    /// <summary>A header and as many bodies as it takes, in order.</summary>
    private void PostGpadl(GpadlEntry entry, FrameList frames)
    {
        Span<byte> message = stackalloc byte[MessageHeader.LargestMessage];
        MemoryMarshal.Write(message, new GpadlHeader
        {
            Header = new MessageHeader { Type = MessageType.GpadlHeader },
            RelId = entry.Channel.RelId,
            Gpadl = entry.Id,
            RangeBufferLength = (ushort)(8 + (8 * frames.Count)),
            RangeCount = 1,
            ByteCount = (uint)frames.Bytes,
        });
        var done = PostFrames(entry, message, Unsafe.SizeOf<GpadlHeader>(), frames, 0);
        for (var number = 0u; done < frames.Count; number++)
        {
            MemoryMarshal.Write(message, new GpadlBody
            {
                Header = new MessageHeader { Type = MessageType.GpadlBody },
                MessageNumber = number,
                Gpadl = entry.Id,
            });
            done = PostFrames(entry, message, Unsafe.SizeOf<GpadlBody>(), frames, done);
        }
    }

    private int PostFrames(GpadlEntry entry, Span<byte> message, int head, FrameList frames, int done)
    {
        var count = Math.Min((message.Length - head) / sizeof(ulong), frames.Count - done);
        for (var i = 0; i < count; i++)
            MemoryMarshal.Write(message[(head + (i * sizeof(ulong)))..], frames[done + i]);
        _poster.Post(_messageConnection, message[..(head + (count * sizeof(ulong)))], status => AbandonGpadl(
            entry, new VmBusException(VmBusErrorKind.Disconnected, $"GPADL {entry.Id} could not be posted: {status}")));
        return done + count;
    }

    private void PostTeardown(GpadlEntry entry)
    {
        // The host may hear nothing any more, but its answer to UNLOAD holds for all memory.
        if (_phase is ConnectionPhase.AwaitingUnload)
            return;
        entry.State = new GpadlState.TearingDown(Within(_options.AnswerTimeout, () => EndLeaked(entry)));
        var message = new GpadlTeardown
        {
            Header = new MessageHeader { Type = MessageType.GpadlTeardown },
            RelId = entry.Channel.RelId,
            Gpadl = entry.Id,
        };
        Post(message, _ => EndLeaked(entry));
    }

    private void EndLeaked(GpadlEntry entry)
    {
        switch (entry.State)
        {
            case GpadlState.Live:
            case GpadlState.TearingDown:
                (entry.State as GpadlState.TearingDown)?.Deadline.Dispose();
                entry.State = new GpadlState.Leaked();
                CountLeak(entry);
                _log.Warning($"the host has not let go of GPADL {entry.Id} of {entry.Channel}: {entry.Length} bytes are lost");
                entry.Ended?.Invoke(GpadlEnd.Leaked);
                break;
            case GpadlState.Creating:
                AbandonGpadl(entry, new VmBusException(VmBusErrorKind.Disconnected, $"the connection ended before GPADL {entry.Id} was answered"));
                break;
        }
    }

    /// <summary>The host has let go of it.</summary>
    private void EndFree(GpadlEntry entry)
    {
        var state = entry.State;
        Remove(entry);
        switch (state)
        {
            case GpadlState.Creating creating:
                creating.Deadline.Dispose();
                entry.Created!(NotUsable(entry.Channel));
                break;
            case GpadlState.TearingDown tearing:
                tearing.Deadline.Dispose();
                End(entry);
                break;
            case GpadlState.Live:
                End(entry);
                break;
            case GpadlState.Leaked or GpadlState.Abandoned:
                Reclaim(entry);
                break;
        }
    }

    private void End(GpadlEntry entry)
    {
        if (entry.Ended is { } ended)
            ended(GpadlEnd.Free);
        else
            Reclaim(entry);
    }

    /// <summary>Memory that was lost is there again. A driver that was told so has forgotten it: then it stays lost.</summary>
    private void Reclaim(GpadlEntry entry)
    {
        if (entry.Reclaimed is not { } reclaimed)
            return;
        if (entry.IsLeakCounted)
            Leak(-entry.Length);
        entry.IsLeakCounted = false;
        reclaimed();
    }

    private void CountLeak(GpadlEntry entry)
    {
        if (entry.IsLeakCounted)
            return;
        entry.IsLeakCounted = true;
        Leak(entry.Length);
    }

    private void Remove(GpadlEntry entry)
    {
        _gpadls.Remove(entry.Id);
        entry.State = new GpadlState.Gone();
    }

    /// <summary>The host has let go of all memory of a channel, or of all channels.</summary>
    private void FreeAllGpadls(VmBusChannel? channel = null)
    {
        foreach (var entry in new List<GpadlEntry>(_gpadls.Values))
        {
            if (channel is null || ReferenceEquals(entry.Channel, channel))
                EndFree(entry);
        }
    }

    private void LeakAllGpadls()
    {
        foreach (var entry in new List<GpadlEntry>(_gpadls.Values))
            EndLeaked(entry);
    }
}
