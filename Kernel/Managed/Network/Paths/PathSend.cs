using System.Runtime.CompilerServices;
using GuestOS.Machine.Network;
using GuestOS.Machine.Queues;

namespace GuestOS.Kernel.Network.Paths;

/// <summary>A frame on its way through an interface with several paths, awaited by its sender.</summary>
internal sealed class PathSend : PooledTask<PathSend, NetworkResult>
{
    private readonly MultipathNic _nic;
    private readonly Action _onIssuedEnded;
    private ConfiguredValueTaskAwaitable<NetworkResult>.ConfiguredValueTaskAwaiter _issued;
    private NetworkPath? _path;
    private FrameOffload _offload;
    private int _length;

    public PathSend(MultipathNic nic)
        : base(runContinuationsAsynchronously: false)
    {
        _nic = nic;
        _onIssuedEnded = OnIssuedEnded;
    }

    public Frame Frame { get; private set; } = null!;

    public CancellationToken Token { get; private set; }

    /// <summary>The path gave the frame back before it said how sending it ended. Under the interface's lock.</summary>
    public bool IsReturned { get; set; }

    /// <summary>The token of a send that waits was cancelled. Under the interface's lock.</summary>
    public bool IsCancelled { get; set; }

    public void Fill(Frame frame, CancellationToken token)
    {
        Frame = frame;
        Token = token;
        _length = frame.Length;
        _offload = frame.Offload;
        IsReturned = IsCancelled = false;
    }

    /// <summary>The frame that the path gave back is as it was.</summary>
    public void Restore()
    {
        Frame.Take();
        Frame.Length = _length;
        Frame.Offload = _offload;
        IsReturned = false;
    }

    /// <summary>While it waits; not under the interface's lock.</summary>
    public void WatchToken() => WatchToken(Token);

    /// <summary>Goes on when the path has ended it.</summary>
    public void Watch(NetworkPath path, ValueTask<NetworkResult> issued)
    {
        _path = path;
        _issued = issued.ConfigureAwait(false).GetAwaiter();
        _issued.UnsafeOnCompleted(_onIssuedEnded);
    }

    public void Announce(in NetworkResult result) => Complete(result);

    public void Announce(Exception exception) => Fail(exception);

    protected override void Cancel() => _nic.Cancel(this);

    protected override void Recycle()
    {
        Frame = null!;
        _path = null;
        _issued = default;
        _nic.Return(this);
    }

    private void OnIssuedEnded()
    {
        NetworkPath path = _path!;
        NetworkResult result;
        try
        {
            result = _issued.GetResult();
        }
        catch (Exception exception)
        {
            _nic.Settle(this, exception);
            return;
        }

        _nic.Settle(this, path, result);
    }
}
