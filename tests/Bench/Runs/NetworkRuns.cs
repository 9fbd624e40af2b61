using GuestOS.Bench.Figures;

namespace GuestOS.Bench.Runs;

/// <summary>Runs of every kind of frames, in turns.</summary>
/// <param name="frames">Frames of each kind in a run.</param>
internal sealed class NetworkRuns(int frames)
{
    private readonly Dictionary<NetworkKind, List<NetworkSample>> _samples = Kinds.ToDictionary(kind => kind, _ => new List<NetworkSample>());

    private static IEnumerable<NetworkKind> Kinds =>
        from load in (IEnumerable<(bool IsSend, int Length, int SegmentSize)>)
            [(true, 60, 0), (true, 1514, 0), (true, 9000, 0), (true, 60_000, 1460), (false, 60, 0), (false, 1514, 0), (false, 9000, 0)]
        from depth in (int[])[1, 32]
        from host in SimulatedHost.All
        select new NetworkKind(load.IsSend, load.Length, load.SegmentSize, depth, host);

    public void AddRun()
    {
        foreach (var (kind, samples) in _samples)
        {
            using var load = new NetworkLoad(kind);
            samples.Add(load.Run(frames));
            if (load.GuestErrors.Count != 0)
                throw new InvalidOperationException($"{kind}: {string.Join("; ", load.GuestErrors)}");
        }
    }

    /// <summary>What the runs so far say.</summary>
    public IEnumerable<Figure> Figures() => FiguresOf(_samples);

    /// <summary>What runs say.</summary>
    public static IEnumerable<Figure> FiguresOf(IReadOnlyDictionary<NetworkKind, List<NetworkSample>> samples)
    {
        const int deep = 32;
        const double tenth = 0.1;
        foreach (var load in samples.GroupBy(one => one.Key.Frames))
            yield return new Figure($"{load.Key}, allocated a frame", "bytes", new Series(load.SelectMany(one => one.Value).Select(run => run.Allocated))) { Goal = Goal.AtMost(0, "bytes") };
        foreach (var (kind, runs) in samples)
        {
            yield return new Figure($"{kind}: hypercalls a frame", "", new Series(runs.Select(run => run.Hypercalls))) { Goal = kind.Depth == deep ? Goal.Below(tenth, "") : null };
            yield return new Figure($"{kind}: frames", "/s", new Series(runs.Select(run => run.Rate)));
        }
    }
}
