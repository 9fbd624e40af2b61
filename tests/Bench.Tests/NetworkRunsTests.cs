using GuestOS.Bench.Runs;

namespace GuestOS.Bench.Tests;

/// <summary>The command <c>network</c>: what it counts, and what it makes of it.</summary>
public sealed class NetworkRunsTests
{
    [Theory]
    [InlineData(true, 60, 0)]
    [InlineData(true, 9000, 0)]
    [InlineData(true, 60_000, 1460)]
    [InlineData(false, 60, 0)]
    [InlineData(false, 9000, 0)]
    public void Frames_arrive_whole_allocate_nothing_and_many_share_a_hypercall(bool isSend, int length, int segmentSize)
    {
        var deep = Run(32, out var arrived);
        Assert.Equal(0, deep.Allocated);
        Assert.InRange(deep.Hypercalls, 1.0 / 64, 0.099);
        Assert.True(deep.Rate > 0);
        var segments = segmentSize == 0 ? 1 : (length - 54 + segmentSize - 1) / segmentSize;
        Assert.Equal(320 * (length + ((segments - 1) * 54)), arrived);
        Assert.Equal(1, Run(1, out _).Hypercalls);

        NetworkSample Run(int depth, out long bytes)
        {
            using var load = new NetworkLoad(new NetworkKind(isSend, length, segmentSize, depth, SimulatedHost.Draining));
            var before = load.Arrived;
            var sample = load.Run(320);
            bytes = load.Arrived - before;
            Assert.Empty(load.GuestErrors);
            return sample;
        }
    }

    [Fact]
    public void A_kind_has_its_figures_and_memory_is_judged_by_all_runs_of_its_frames()
    {
        var samples = new Dictionary<NetworkKind, List<NetworkSample>>
        {
            [new(true, 60, 0, 1, SimulatedHost.Draining)] = [new(0, 1, 1000)],
            [new(true, 60, 0, 32, SimulatedHost.Draining)] = [new(0, 0.1, 1000), new(0, 0.02, 2000), new(0, 0.03, 3000)],
            [new(false, 60, 0, 32, SimulatedHost.Stepping)] = [new(1, 0.1, 500)],
        };
        var figures = NetworkRuns.FiguresOf(samples).ToDictionary(figure => figure.Name, figure => figure);
        Assert.Equal(2 + (2 * 3), figures.Count);
        Assert.Equal(4, figures["send 60 B, allocated a frame"].Ours.Values.Count);
        Assert.True(figures["send 60 B, allocated a frame"].IsMet);
        Assert.False(figures["receive 60 B, allocated a frame"].IsMet);
        Assert.True(figures["send 60 B, depth 32, draining host: hypercalls a frame"].IsMet);
        Assert.False(figures["receive 60 B, depth 32, stepping host: hypercalls a frame"].IsMet);
        Assert.Null(figures["send 60 B, depth 1, draining host: hypercalls a frame"].Goal);
        Assert.Equal(2000, figures["send 60 B, depth 32, draining host: frames"].Ours.Median);
    }
}
