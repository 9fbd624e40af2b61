using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// The commands of one channel: those that the host has, and those that wait for room. Data goes straight from and to the issuer's memory where
/// the host can reach that, and through a buffer where not.
/// LOCKING: one lock, under which the link is called. Commands are told of their end outside of it.
/// </summary>
internal sealed class StorageQueue
{
    private readonly StorageAdapter _adapter;
    private readonly StorageLink _link;
    private readonly StorvscLimits _limits;
    private readonly Lock _gate = new();
    private readonly CommandList _waiting = new(CommandState.Waiting);
    private readonly CommandList _outstanding = new(CommandState.Outstanding);
    private readonly DmaSegment[] _segments = new DmaSegment[StorvscLimits.MostFrames];
    private readonly ulong[] _frames = new ulong[StorvscLimits.MostFrames];
    private SrbPacket _packet;
    private bool _isEnded;

    public StorageQueue(StorageAdapter adapter, StorageLink link, StorvscLimits limits)
    {
        _adapter = adapter;
        _link = link;
        _limits = limits;
        _packet = new SrbPacket
        {
            Header = new StorageHeader { Operation = StorageOperation.ExecuteSrb, Flags = StorageFlags.RequestCompletion },
            Length = limits.Version.SrbLength,
            SenseLength = limits.Version.SenseLength,
            QueueTag = 0xFF,
            QueueAction = 0x20,
            Timeout = StorvscTimeouts.LateTicks,
        };
    }

    private enum Sending
    {
        Sent,
        Wait,
        NoMemory,
    }

    /// <summary>Commands that the host has.</summary>
    public int Outstanding
    {
        get
        {
            lock (_gate)
                return _outstanding.Count;
        }
    }

    /// <summary>Sends a command, or lets it wait. Its end may come before this returns.</summary>
    public void Submit(StorageCommand command)
    {
        bool isCancelled, isEnded;
        var sending = Sending.Sent;
        lock (_gate)
        {
            isEnded = _isEnded;
            isCancelled = command.IsCancelRequested;
            if (!isEnded && !isCancelled)
            {
                command.Queue = this;
                sending = _waiting.IsEmpty ? TrySend(command) : Sending.Wait;
                if (sending == Sending.Wait)
                    _waiting.Add(command);
            }
        }

        if (isCancelled)
            command.OnCancelled();
        else if (isEnded)
            _adapter.OnQueueEnded(this, command);
        else if (sending == Sending.NoMemory)
            command.OnEnded(new CommandOutcome(OutcomeKind.NoMemory));
        else
            _adapter.KeepWatch();
    }

    /// <summary>Takes a command that waits out. False when it does not wait here.</summary>
    public bool TryRemove(StorageCommand command)
    {
        lock (_gate)
            return _waiting.TryRemove(command);
    }

    /// <summary>There is room again.</summary>
    public void Pump()
    {
        while (true)
        {
            StorageCommand? failed = null;
            lock (_gate)
            {
                while (!_isEnded && _waiting.First is { } command)
                {
                    var sending = TrySend(command);
                    if (sending == Sending.Wait)
                        return;
                    if (sending == Sending.Sent)
                        continue;
                    _waiting.Remove(command);
                    failed = command;
                    break;
                }
            }

            if (failed is null)
                return;
            failed.OnEnded(new CommandOutcome(OutcomeKind.NoMemory));
        }
    }

    /// <summary>The host, or the end of the channel, has ended a command.</summary>
    public void Finish(StorageCommand command, RequestStatus status, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
            _outstanding.Remove(command);
        var outcome = status switch
        {
            RequestStatus.Completed => CommandOutcome.Read(payload, _limits.Version, command.Data.Length),
            RequestStatus.Lost => new CommandOutcome(OutcomeKind.Lost),
            _ => new CommandOutcome(OutcomeKind.Gone),
        };

        // Memory that the host may still use stays where it is, for good.
        if (outcome.Kind != OutcomeKind.Lost && Unmap(command, outcome.Transferred))
            _adapter.PumpAll();
        if (outcome.Kind == OutcomeKind.Gone)
        {
            _adapter.OnQueueEnded(this, command);
            return;
        }

        if (outcome.Kind == OutcomeKind.Malformed)
            _adapter.NoteMalformed(payload.Length);
        command.OnEnded(outcome);
    }

    /// <summary>The channel takes nothing more; what waits is given back.</summary>
    public void End()
    {
        while (true)
        {
            StorageCommand? command;
            lock (_gate)
            {
                _isEnded = true;
                command = _waiting.Take();
            }

            if (command is null)
                return;
            _adapter.OnQueueEnded(this, command);
        }
    }

    /// <summary>A tick has passed for all that the host has. Returns the first command that is late, or null.</summary>
    /// <param name="busy">Whether the host has any.</param>
    public StorageCommand? Age(out bool busy)
    {
        lock (_gate)
        {
            StorageCommand? late = null;
            for (var command = _outstanding.First; command is not null; command = command.Next)
            {
                if (++command.Age >= StorvscTimeouts.LateTicks)
                    late ??= command;
            }

            busy = !_outstanding.IsEmpty || !_waiting.IsEmpty;
            return late;
        }
    }

    /// <summary>Sends a command that is in hand or the first of those that wait. Under the lock, so that its answer comes after this.</summary>
    private Sending TrySend(StorageCommand command)
    {
        GpaRange range = default;
        var frames = 0;
        if (!command.Data.IsEmpty)
        {
            if (!TryMap(command, out range, out frames))
            {
                try
                {
                    if (!TryBounce(command, out range, out frames))
                        return Sending.Wait;
                }
                catch (OutOfMemoryException)
                {
                    return Sending.NoMemory;
                }
            }
        }

        Fill(command);
        var packet = MemoryMarshal.AsBytes(new ReadOnlySpan<SrbPacket>(in _packet))[.._limits.Version.PacketSize];
        var result = _link.TrySend(command, range, _frames.AsSpan(0, frames), packet);
        if (result == SendResult.Sent)
        {
            _waiting.TryRemove(command);
            _outstanding.Add(command);
            command.Age = 0;
            _adapter.Counters.Sent++;
            return Sending.Sent;
        }

        Unmap(command, 0);
        _adapter.Counters.RingFull++;

        // A channel that takes nothing more ends, and what waits with it.
        return Sending.Wait;
    }

    private void Fill(StorageCommand command)
    {
        _packet.Path = command.Address.Path;
        _packet.Target = command.Address.Target;
        _packet.Lun = command.Address.Lun;
        _packet.CdbLength = command.CdbLength;
        _packet.Direction = command.Direction;
        _packet.TransferLength = (uint)command.Data.Length;
        _packet.SrbFlags = SrbFlags.DisableSynchronousTransfer | SrbFlags.QueueActionEnable | SrbFlags.NoQueueFreeze | command.Direction switch
        {
            DataDirection.Read => SrbFlags.DataIn,
            DataDirection.Write => SrbFlags.DataOut,
            _ => SrbFlags.None,
        };
        command.Cdb.CopyTo(_packet.CdbOrSense);
    }

    /// <summary>Describes the data where it is. The pages of one range are full but for the ends.</summary>
    private bool TryMap(StorageCommand command, out GpaRange range, out int frames)
    {
        range = default;
        frames = 0;
        if (!_adapter.Dma.TryMap(command.Data, DmaConstraints.None, _segments, out var count, out var pin))
            return false;
        if (!TryList(_segments.AsSpan(0, count), command.Data.Length, out range, out frames))
        {
            pin.Dispose();
            return false;
        }

        command.SetPin(pin);
        return true;
    }

    private bool TryList(ReadOnlySpan<DmaSegment> segments, int length, out GpaRange range, out int frames)
    {
        const ulong InPage = StorvscLimits.PageSize - 1;
        range = new GpaRange { ByteCount = (uint)length };
        frames = 0;
        for (var i = 0; i < segments.Length; i++)
        {
            var start = segments[i].Address.Value;
            var end = start + (ulong)segments[i].Length;
            if (i == 0)
                range.ByteOffset = (uint)(start & InPage);
            else if ((start & InPage) != 0)
                return false;
            if (i < segments.Length - 1 && (end & InPage) != 0)
                return false;
            for (var frame = start / StorvscLimits.PageSize; frame * StorvscLimits.PageSize < end; frame++)
            {
                if (frames == _frames.Length)
                    return false;
                _frames[frames++] = frame;
            }
        }

        return true;
    }

    private bool TryBounce(StorageCommand command, out GpaRange range, out int frames)
    {
        range = default;
        frames = 0;
        if (_adapter.Bounces.TryRent() is not { } bounce)
            return false;
        if (command.Data.Length > BouncePool.Size && !command.TryShrink(BouncePool.Size))
            throw new InsufficientMemoryException("A command is longer than a buffer.");
        if (command.Direction == DataDirection.Write)
            command.Data.Span.CopyTo(bounce.GetSpan());
        command.Bounce = bounce;
        _adapter.Counters.Bounced++;
        var segment = new DmaSegment(bounce.PhysicalAddress, command.Data.Length);
        TryList(new ReadOnlySpan<DmaSegment>(in segment), segment.Length, out range, out frames);
        return true;
    }

    /// <summary>Takes the memory back from the host. True when a buffer is free that somebody may wait for.</summary>
    private bool Unmap(StorageCommand command, int transferred)
    {
        if (command.Bounce is not { } bounce)
        {
            command.ReleasePin();
            return false;
        }

        if (command.Direction == DataDirection.Read)
            bounce.GetSpan()[..transferred].CopyTo(command.Data.Span);
        command.Bounce = null;
        _adapter.Bounces.Return(bounce);
        return true;
    }
}
