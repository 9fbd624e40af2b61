using System.Globalization;
using GuestOS.Bench.Figures;

namespace GuestOS.Bench.Runs;

/// <summary>Runs of every kind of request, in turns.</summary>
/// <param name="requests">Requests of each kind in a run.</param>
internal sealed class StorageRuns(int requests)
{
    private readonly Dictionary<int, List<double>> _allocated = Lengths.ToDictionary(length => length, _ => new List<double>());
    private readonly Dictionary<StorageKind, List<StorageSample>> _samples = Kinds.ToDictionary(kind => kind, _ => new List<StorageSample>());

    private static IReadOnlyList<int> Lengths { get; } = [4096, 65536];

    private static IEnumerable<StorageKind> Kinds =>
        from length in Lengths from depth in (int[])[1, 32] from host in SimulatedHost.All select new StorageKind(length, depth, host);

    public void AddRun()
    {
        foreach (var (length, values) in _allocated)
            values.Add(StorageLoad.MeasureAllocation(length, requests));
        foreach (var (kind, samples) in _samples)
            samples.Add(StorageLoad.MeasureThroughput(kind.Host, kind.Length, kind.Depth, requests));
    }

    /// <summary>What the runs so far say.</summary>
    public IEnumerable<Figure> Figures() => FiguresOf(_allocated, _samples);

    /// <summary>What runs say.</summary>
    /// <param name="allocated">Bytes of the heap a request, by its length.</param>
    /// <param name="samples">Runs of each kind.</param>
    public static IEnumerable<Figure> FiguresOf(
        IReadOnlyDictionary<int, List<double>> allocated, IReadOnlyDictionary<StorageKind, List<StorageSample>> samples)
    {
        const int deep = 32;
        const double tenth = 0.1;
        foreach (var (length, values) in allocated)
            yield return new Figure(string.Create(CultureInfo.InvariantCulture, $"read {length >> 10} KiB, allocated a request"), "bytes", new Series(values)) { Goal = Goal.AtMost(0, "bytes") };
        foreach (var (kind, runs) in samples)
        {
            yield return new Figure($"{kind}: hypercalls a request", "", new Series(runs.Select(run => run.Hypercalls))) { Goal = kind.Depth == deep ? Goal.Below(tenth, "") : null };
            yield return new Figure($"{kind}: requests", "/s", new Series(runs.Select(run => run.Rate)));
        }
    }
}
