using GuestOS.Bench.Runs;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Bench.Tests;

/// <summary>The command <c>ring</c>: that packets pass whole, and what it makes of times. How long anything takes is nobody's business here.</summary>
public sealed class RingRunsTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Packets_pass_the_ring_whole_and_allocate_nothing(int length)
    {
        using var load = new RingLoad(length);
        load.Run(100);
        var sample = load.Run(1000);
        Assert.Equal(0, sample.Allocated);
        Assert.All([sample.Send, sample.Receive, sample.CopyIn, sample.CopyOut], time => Assert.True(time > 0));
        Assert.Equal(load.Payload, load.Received[PacketHeader.Size..]);
    }

    [Fact]
    public void A_packet_that_never_fits_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RingLoad(RingLoad.RingSize));

    [Fact]
    public void Half_of_the_copy_is_enough_and_less_is_not()
    {
        Assert.True(Judged(new RingSample(200, 200, 100, 100, 0)).All(met => met));
        Assert.Equal([false, false, false], Judged(new RingSample(201, 201, 100, 100, 1)));
        Assert.Equal([true, false, true], Judged(new RingSample(200, 201, 100, 100, 0)));
    }

    [Fact]
    public void Bandwidth_is_payload_over_time()
    {
        var figures = RingRuns.FiguresOf(65536, [new RingSample(1000, 2000, 500, 500, 0), new RingSample(1000, 2000, 500, 500, 0)]).ToList();
        Assert.Equal(["send 64 KiB", "send 64 KiB, bandwidth", "receive 64 KiB", "receive 64 KiB, bandwidth", "64 KiB, allocated a packet"], figures.Select(figure => figure.Name));
        Assert.Equal([1000, 62500, 2000, 31250, 0], figures.Select(figure => figure.Ours.Median));
        Assert.Equal(0.5, figures[1].Ratio!.Median);
        Assert.Null(figures[1].Goal);
    }

    private static IEnumerable<bool> Judged(RingSample sample) =>
        RingRuns.FiguresOf(4096, [sample]).Where(figure => figure.Goal is not null).Select(figure => figure.IsMet!.Value);
}
