using System.Globalization;
using GuestOS.Bench.Figures;

namespace GuestOS.Bench.Runs;

/// <summary>Runs of every size of packets, in turns.</summary>
/// <param name="bytes">Payload of each size in a run.</param>
internal sealed class RingRuns(long bytes) : IDisposable
{
    private readonly List<(RingLoad Load, List<RingSample> Samples)> _sizes = [.. Sizes.Select(size => (new RingLoad(size), new List<RingSample>()))];

    /// <summary>Payload of the packets in bytes.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [64, 4096, 65536];

    /// <summary>One run that is not counted: the code is compiled in stages, each after it was run for a while.</summary>
    public void WarmUp()
    {
        const int packets = 50_000;
        foreach (var (load, _) in _sizes)
            load.Run(packets);
    }

    public void AddRun()
    {
        foreach (var (load, samples) in _sizes)
            samples.Add(load.Run((int)Math.Max(1, bytes / load.Payload.Length)));
    }

    /// <summary>What the runs so far say.</summary>
    public IEnumerable<Figure> Figures() => _sizes.SelectMany(size => FiguresOf(size.Load.Payload.Length, size.Samples));

    /// <summary>What runs of one size say.</summary>
    /// <param name="length">Payload of a packet in bytes.</param>
    /// <param name="samples">The runs.</param>
    public static IEnumerable<Figure> FiguresOf(int length, IReadOnlyList<RingSample> samples)
    {
        const int judged = 4096;
        const double half = 0.5;
        var size = length < 1024 ? string.Create(CultureInfo.InvariantCulture, $"{length} B") : string.Create(CultureInfo.InvariantCulture, $"{length >> 10} KiB");
        foreach (var (way, ours, copy) in ((string, Func<RingSample, double>, Func<RingSample, double>)[])
            [("send", sample => sample.Send, sample => sample.CopyIn), ("receive", sample => sample.Receive, sample => sample.CopyOut)])
        {
            yield return new Figure($"{way} {size}", "ns", new Series(samples.Select(ours)));
            yield return new Figure($"{way} {size}, bandwidth", "MiB/s", new Series(samples.Select(sample => Bandwidth(ours(sample)))))
            {
                Peer = new Series(samples.Select(sample => Bandwidth(copy(sample)))),
                Goal = length == judged ? Goal.RatioAtLeast(half) : null,
            };
        }

        yield return new Figure($"{size}, allocated a packet", "bytes", new Series(samples.Select(sample => sample.Allocated))) { Goal = Goal.AtMost(0, "bytes") };

        double Bandwidth(double nanoseconds) => length / nanoseconds * 1e9 / (1 << 20);
    }

    public void Dispose()
    {
        foreach (var (load, _) in _sizes)
            load.Dispose();
    }
}
