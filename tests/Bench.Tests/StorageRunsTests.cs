using GuestOS.Bench.Runs;

namespace GuestOS.Bench.Tests;

/// <summary>The command <c>storage</c>: what it counts, and what it makes of it.</summary>
public sealed class StorageRunsTests
{
    [Fact]
    public void A_draining_host_is_called_once_for_a_whole_queue_and_a_stepping_one_more_often()
    {
        var draining = StorageLoad.MeasureThroughput(SimulatedHost.Draining, 4096, 32, 3200).Hypercalls;
        var stepping = StorageLoad.MeasureThroughput(SimulatedHost.Stepping, 4096, 32, 3200).Hypercalls;
        Assert.InRange(draining, 1.0 / 64, 0.05);
        Assert.InRange(stepping, draining, 0.5);
        Assert.Equal(1, StorageLoad.MeasureThroughput(SimulatedHost.Draining, 4096, 1, 500).Hypercalls);
    }

    [Fact]
    public void Requests_allocate_nothing() => Assert.Equal(0, StorageLoad.MeasureAllocation(4096, 1000));

    [Fact]
    public void Each_figure_says_its_host_and_only_deep_queues_are_judged()
    {
        var samples = new Dictionary<StorageKind, List<StorageSample>>
        {
            [new(4096, 1, SimulatedHost.Draining)] = [new(1, 1000)],
            [new(4096, 32, SimulatedHost.Draining)] = [new(0.03, 1000), new(0.2, 2000), new(0.04, 3000)],
            [new(4096, 32, SimulatedHost.Stepping)] = [new(0.1, 1000)],
        };
        var figures = StorageRuns.FiguresOf(new Dictionary<int, List<double>> { [4096] = [0, 0] }, samples).ToDictionary(figure => figure.Name, figure => figure.IsMet);
        Assert.Equal(7, figures.Count);
        Assert.True(figures["read 4 KiB, allocated a request"]);
        Assert.Null(figures["read 4 KiB, depth 1, draining host: hypercalls a request"]);
        Assert.True(figures["read 4 KiB, depth 32, draining host: hypercalls a request"]);
        Assert.False(figures["read 4 KiB, depth 32, stepping host: hypercalls a request"]);
        Assert.Null(figures["read 4 KiB, depth 32, draining host: requests"]);
    }
}
