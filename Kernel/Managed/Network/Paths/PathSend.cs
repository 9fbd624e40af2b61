using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using GuestOS.Machine.Network;
using GuestOS.Machine.Queues;

namespace GuestOS.Kernel.Network.Paths;

/// <summary>
/// A frame on its way through an interface with several paths, awaited by its sender. Goes back to the interface's pool when its result is
/// taken; nothing is allocated on the way.
/// </summary>
internal sealed class PathSend : Linked<PathSend>, IValueTaskSource<NetworkResult>
{
    private readonly MultipathNic _nic;
    private readonly Action _onIssuedEnded;
    private ManualResetValueTaskSourceCore<NetworkResult> _source;
    private CancellationTokenRegistration _registration;
    private ConfiguredValueTaskAwaitable<NetworkResult>.ConfiguredValueTaskAwaiter _issued;
    private NetworkPath? _path;
    private FrameOffload _offload;
    private int _length;

    public PathSend(MultipathNic nic)
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

    public ValueTask<NetworkResult> Task => new(this, _source.Version);

    public void Fill(Frame frame, CancellationToken token)
    {
        Frame = frame;
        Token = token;
        _length = frame.Length;
        _offload = frame.Offload;
        _registration = default;
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
    public void WatchToken()
    {
        if (Token.CanBeCanceled)
            _registration = Token.UnsafeRegister(static state => ((PathSend)state!)._nic.Cancel((PathSend)state!), this);
    }

    public void ForgetToken() => _registration.Dispose();

    /// <summary>Goes on when the path has ended it.</summary>
    public void Watch(NetworkPath path, ValueTask<NetworkResult> issued)
    {
        _path = path;
        _issued = issued.ConfigureAwait(false).GetAwaiter();
        _issued.UnsafeOnCompleted(_onIssuedEnded);
    }

    public void Announce(in NetworkResult result) => _source.SetResult(result);

    public void Announce(Exception exception) => _source.SetException(exception);

    NetworkResult IValueTaskSource<NetworkResult>.GetResult(short token)
    {
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
            return _source.GetResult(token);

        // Waits for a cancellation that is running on another thread, so that it cannot hit the next life.
        _registration.Dispose();
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            Frame = null!;
            _path = null;
            _issued = default;
            _nic.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<NetworkResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<NetworkResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

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
