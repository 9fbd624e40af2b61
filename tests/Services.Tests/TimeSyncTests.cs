using System.Runtime.InteropServices;
using GuestOS.Services.Protocol;
using GuestOS.Services.TimeSync;
using GuestOS.Testing;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Services.Tests;

public sealed class TimeSyncTests
{
    private static readonly DateTimeOffset s_epoch = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ManualTimeProvider _clock = new(1);
    private readonly FakeWallClock _wall;
    private readonly ListLog _log = new();
    private readonly TimeSyncService _service;

    public TimeSyncTests()
    {
        _wall = new FakeWallClock(_clock);
        _service = new TimeSyncService(_wall, _log);
        _clock.Advance(TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_jump_of_a_day_is_followed_at_once(int version)
    {
        var harness = Negotiated(version);
        _wall.Offset = TimeSpan.FromDays(-1);
        Assert.Equal(IcStatus.Success, Send(harness, version, _clock.GetUtcNow(), TimeSyncFlags.Sync));
        Assert.Equal(_clock.GetUtcNow(), _wall.UtcNow);
        Assert.Contains(_log.Lines, line => line.Text.Contains("+86400.000 s", StringComparison.Ordinal));
    }

    [Fact]
    public void Transit_counts_in_version_4()
    {
        var harness = Negotiated(4);
        var sent = _clock.GetUtcNow();
        var reference = _clock.Elapsed;
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        _wall.Offset = TimeSpan.FromSeconds(9);
        Send(harness, 4, sent, TimeSyncFlags.Sync, reference: reference);
        Assert.Equal(_clock.GetUtcNow(), _wall.UtcNow);
    }

    [Fact]
    public void Half_the_round_trip_counts_before_version_4_unless_it_is_absurd()
    {
        var harness = Negotiated(3);
        _wall.Offset = TimeSpan.FromSeconds(9);
        Send(harness, 3, _clock.GetUtcNow(), TimeSyncFlags.Sync, roundTrip: TimeSpan.FromMilliseconds(100));
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromMilliseconds(50), _wall.UtcNow);
        Send(harness, 3, _clock.GetUtcNow(), TimeSyncFlags.Sync, roundTrip: TimeSpan.FromDays(1000));
        Assert.Equal(_clock.GetUtcNow(), _wall.UtcNow);
    }

    [Fact]
    public void Small_differences_are_slewed_by_the_median_of_three_samples()
    {
        var harness = Negotiated(4);
        foreach (var milliseconds in new[] { 30, 900, 20 })
            Send(harness, 4, _wall.UtcNow + TimeSpan.FromMilliseconds(milliseconds), TimeSyncFlags.Sample);
        Assert.Equal(["slew 30"], _wall.Moves);
        // While the clock moves, samples see what is left of the move; there is nothing to add.
        foreach (var _ in new[] { 0, 1, 2 })
            Send(harness, 4, _wall.UtcNow + TimeSpan.FromMilliseconds(30), TimeSyncFlags.Sample);
        Assert.Equal(["slew 30"], _wall.Moves);
    }

    [Fact]
    public void Noise_moves_nothing()
    {
        var harness = Negotiated(4);
        foreach (var microseconds in new[] { 300, -400, 900, 100, -800, 200 })
            Send(harness, 4, _wall.UtcNow + TimeSpan.FromMicroseconds(microseconds), TimeSyncFlags.Sample);
        Assert.Empty(_wall.Moves);
    }

    [Fact]
    public void A_sample_that_is_far_off_steps()
    {
        var harness = Negotiated(4);
        _wall.Offset = TimeSpan.FromSeconds(-20);
        Send(harness, 4, _clock.GetUtcNow(), TimeSyncFlags.Sample);
        Assert.Equal(["step 20000"], _wall.Moves);
    }

    [Fact]
    public void A_sample_older_than_ten_minutes_is_not_used()
    {
        var harness = Negotiated(4);
        _wall.Offset = TimeSpan.FromSeconds(20);
        var status = Send(harness, 4, _clock.GetUtcNow() - TimeSpan.FromSeconds(601), TimeSyncFlags.Sample, reference: _clock.Elapsed - TimeSpan.FromSeconds(601));
        Assert.Equal(IcStatus.Success, status);
        Assert.Empty(_wall.Moves);
        Assert.Equal(1, _service.Discipline.Stale);
    }

    [Fact]
    public void Impossible_times_fail_and_move_nothing()
    {
        var harness = Negotiated(4);
        var now = (ulong)(_clock.GetUtcNow() - s_epoch).Ticks;
        var reference = (ulong)_clock.Elapsed.Ticks;
        Assert.Equal(IcStatus.Fail, harness.Request(Body4(0, reference, TimeSyncFlags.Sync)).Status);
        Assert.Equal(IcStatus.Fail, harness.Request(Body4(ulong.MaxValue, reference, TimeSyncFlags.Sync)).Status);
        Assert.Equal(IcStatus.Fail, harness.Request(Body4(now - (ulong)TimeSpan.FromDays(3650).Ticks, reference, TimeSyncFlags.Sync)).Status);
        Assert.Equal(IcStatus.Fail, harness.Request(Body4(now, reference + 1, TimeSyncFlags.Sync)).Status);
        Assert.Equal(IcStatus.Fail, harness.Request(Body4(now, ulong.MaxValue, TimeSyncFlags.Sync)).Status);
        Assert.Empty(_wall.Moves);
    }

    [Theory]
    [InlineData(1, 25)]
    [InlineData(3, 25)]
    [InlineData(4, 19)]
    public void A_message_cut_short_fails(int version, int least)
    {
        var harness = Negotiated(version);
        for (var length = 0; length < least; length++)
            Assert.Equal(IcStatus.Fail, harness.Request(new byte[length]).Status);
    }

    [Fact]
    public void Without_a_reference_time_the_host_is_believed_as_it_is()
    {
        _wall.ReferenceOffset = null;
        var harness = Negotiated(4);
        _wall.Offset = TimeSpan.FromSeconds(7);
        Assert.Equal(IcStatus.Success, harness.Request(Body4((ulong)(_clock.GetUtcNow() - s_epoch).Ticks, ulong.MaxValue, TimeSyncFlags.Sync)).Status);
        Assert.Equal(_clock.GetUtcNow(), _wall.UtcNow);
    }

    private static byte[] Body4(ulong parent, ulong reference, TimeSyncFlags flags)
    {
        var body = new byte[TimeSyncBody4.FullSize];
        var message = new TimeSyncBody4 { ParentTime = parent, ReferenceTime = reference, Flags = flags };
        MemoryMarshal.Write(body, in message);
        return body;
    }

    private FrameHarness Negotiated(int version) => new(_service, new IcVersion((ushort)version, 0));

    private IcStatus Send(FrameHarness harness, int version, DateTimeOffset host, TimeSyncFlags flags, TimeSpan roundTrip = default, TimeSpan? reference = null)
    {
        var parent = (ulong)(host - s_epoch).Ticks;
        if (version == 4)
            return harness.Request(Body4(parent, (ulong)(reference ?? _clock.Elapsed).Ticks, flags)).Status;
        var body = new byte[TimeSyncBody.Size];
        var message = new TimeSyncBody { ParentTime = parent, RoundTrip = (ulong)roundTrip.Ticks, Flags = flags };
        MemoryMarshal.Write(body, in message);
        return harness.Request(body).Status;
    }
}
