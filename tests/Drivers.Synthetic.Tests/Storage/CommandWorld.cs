using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Memory;
using GuestOS.Testing;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>One disk behind one channel whose host does what it is told, and one command in its pool, of which everything is known.</summary>
internal sealed class CommandWorld : IDisposable
{
    private static readonly StorvscLimits s_limits = new(StorageVersion.V6_2, 256 << 10, 0);
    private readonly StorageQueue _queue;
    private readonly CancellationTokenSource _cancel = new();
    private Task<BlockResult>? _last;
    private ValueTask<BlockResult> _request;
    private bool _isIssued;

    public CommandWorld()
    {
        Adapter = new StorageAdapter(Memory, Clock, new ListLog(), null, continueInline: true);
        _queue = new StorageQueue(Adapter, Link, s_limits);
        Adapter.Begin(_queue, s_limits);
        var geometry = new BlockGeometry { BlockSize = 512, BlockCount = 1 << 20 };
        Disk = new StorageDisk(Adapter, default, "scsi0.0.0", new LunDescription(false, "", "", geometry, 1024), null);
        Command = Adapter.Rent();
        Adapter.Return(Command);
    }

    public SimulatedMemory Memory { get; } = new(new Random(1));

    public ManualTimeProvider Clock { get; } = new();

    public PromptLink Link { get; } = new();

    public StorageAdapter Adapter { get; }

    public StorageDisk Disk { get; }

    public BlockCommand Command { get; }

    /// <summary>Reads a block into memory that only a buffer of the driver's can reach; the command is the one that carries it out.</summary>
    public void Request()
    {
        _request = Disk.ReadAsync(8, new byte[512], _cancel.Token);
        _isIssued = true;
    }

    /// <summary>The issuer looks at the result, if there is one.</summary>
    public void TakeResult()
    {
        if (!_isIssued || !_request.IsCompleted)
            return;
        _isIssued = false;
        _last = _request.AsTask();
    }

    /// <summary>How the request ended whose result was taken.</summary>
    public Task<BlockResult>? Last => _last;

    public void Cancel() => _cancel.Cancel();

    public void Answer(SrbStatus status, ScsiStatus scsi = ScsiStatus.Good)
    {
        if (Command.State == CommandState.Outstanding)
            Link.Answer(status, scsi);
    }

    public void AnswerBadly()
    {
        if (Command.State == CommandState.Outstanding)
            Command.OnCompleted(RequestStatus.Completed, new byte[3]);
    }

    /// <summary>The ring has room, or has none any more.</summary>
    public void SetRoom(bool has)
    {
        Link.IsFull = !has;
        if (has)
            _queue.Pump();
    }

    /// <summary>The channel ends: as VMBus does it, first what the host has, then the channel itself.</summary>
    public void End(RequestStatus status)
    {
        Link.IsClosed = true;
        if (Command.State == CommandState.Outstanding)
            Command.OnCompleted(status, default);
        Adapter.End(_queue);
    }

    public void Hold() => _ = Disk.HoldAsync(StorageDevice.Hold.Quiesced, default);

    public void Release() => Disk.Release(StorageDevice.Hold.Quiesced);

    public void Dispose()
    {
        _cancel.Dispose();
        Adapter.Dispose();
    }
}
