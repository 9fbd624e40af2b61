using System.Diagnostics.CodeAnalysis;
using GuestOS.Machine.Block;
using GuestOS.Machine.Network;
using GuestOS.Testing;

namespace GuestOS.Kernel.Tests.Handoff;

/// <summary>A network device that takes its time to rest and to wake up, and does neither when it is told so.</summary>
internal sealed class FakeNic(string name, PathRank rank, TimeProvider clock) : INetworkPath
{
    private static readonly TimeSpan s_latency = TimeSpan.FromMicroseconds(10);
    private readonly TaskCompletionSource<int> _end = new();
    private bool _isGone;

    public event Action<LinkStatus>? LinkChanged;

    public string Name => name;

    public string Model => name;

    public MacAddress Address { get; } = new(0x0015_5D01_0203);

    public int Mtu => 1500;

    public PathRank Rank => rank;

    public LinkStatus Link { get; private set; } = new(IsUp: true);

    public ReceiveFilter Filter { get; private set; } = ReceiveFilter.Station;

    public NetworkStatistics Statistics => default;

    public IReadOnlyList<NetworkCounter> Counters => [];

    /// <summary>So many attempts to rest end in nothing.</summary>
    public int FailingQuiesces { get; set; }

    /// <summary>It rests and does not wake up again.</summary>
    public bool FailsToResume { get; set; }

    /// <summary>Frames that it was given.</summary>
    public int Sent { get; private set; }

    /// <summary>The device is gone.</summary>
    public void Lose()
    {
        _isGone = true;
        Link = LinkStatus.Down;
        LinkChanged?.Invoke(Link);
        _end.TrySetResult(0);
    }

    public bool TryRent([NotNullWhen(true)] out Frame? frame) => throw new NotSupportedException();

    public ValueTask<Frame> RentAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<NetworkResult> SendAsync(Frame frame, CancellationToken cancellationToken = default)
    {
        frame.Release();
        if (!_isGone)
            Sent++;
        return new(Result(_isGone, NetworkErrorKind.Gone));
    }

    public ValueTask<NetworkResult> SendAsync(ReadOnlyMemory<Frame> frames, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<int> ReceiveAsync(Memory<Frame> destination, CancellationToken cancellationToken = default) => new(_end.Task);

    public ValueTask<NetworkResult> SetFilterAsync(ReceiveFilter filter, CancellationToken cancellationToken = default)
    {
        Filter = filter;
        return new(Result(_isGone, NetworkErrorKind.Gone));
    }

    public async ValueTask<NetworkResult> QuiesceAsync(CancellationToken cancellationToken = default)
    {
        await clock.After(s_latency).ConfigureAwait(false);
        return _isGone ? Result(true, NetworkErrorKind.Gone) : Result(FailingQuiesces-- > 0, NetworkErrorKind.Timeout);
    }

    public async ValueTask<NetworkResult> ResumeAsync(CancellationToken cancellationToken = default)
    {
        await clock.After(s_latency).ConfigureAwait(false);
        return Result(_isGone || FailsToResume, NetworkErrorKind.Gone);
    }

    private NetworkResult Result(bool fails, NetworkErrorKind kind) =>
        fails ? NetworkResult.Failure(new NetworkError(kind, name, "a fake's")) : NetworkResult.Success;
}
