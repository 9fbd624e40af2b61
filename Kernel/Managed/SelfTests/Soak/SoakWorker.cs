using System.Globalization;

namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>One thread of the soak: does rounds of all kinds in turn, each worker from another place on.</summary>
internal sealed class SoakWorker
{
    private readonly int _index;
    private readonly IReadOnlyList<ISoakWork> _works;
    private readonly SoakTally _tally;
    private readonly CancellationToken _end;
    private readonly bool _isShortOfMemory;
    private volatile string _doing = "";

    /// <param name="index">Which worker it is.</param>
    /// <param name="works">What it does.</param>
    /// <param name="tally">Where it counts.</param>
    /// <param name="isShortOfMemory">Memory may run out in the middle of a round, which then is not wrong.</param>
    /// <param name="end">Stops it after a round.</param>
    public SoakWorker(int index, IReadOnlyList<ISoakWork> works, SoakTally tally, bool isShortOfMemory, CancellationToken end)
    {
        _isShortOfMemory = isShortOfMemory;
        _index = index;
        _works = works;
        _tally = tally;
        _end = end;
    }

    /// <summary>Name of the work of the round that it is in, or was in last.</summary>
    public string Doing => _doing;

    public void Run()
    {
        for (int round = 0; !_end.IsCancellationRequested; round++)
        {
            int kind = (_index + round) % _works.Count;
            ISoakWork work = _works[kind];
            _doing = work.Name;
            try
            {
                if (!work.RunRound((_index * 1_000_003) + round))
                    _tally.CountWrong(string.Create(CultureInfo.InvariantCulture, $"'{work.Name}' gave a wrong answer in round {round} of worker {_index}."));
            }
            catch (Exception exception) when (_isShortOfMemory && IsOutOfMemory(exception))
            {
                // The round is over, and its memory is free again.
            }
            catch (Exception exception)
            {
                _tally.CountWrong($"'{work.Name}' failed: {exception}");
            }

            _tally.CountRound(kind);
        }
    }

    private static bool IsOutOfMemory(Exception exception) => exception switch
    {
        OutOfMemoryException => true,
        AggregateException all => all.InnerExceptions.Any(IsOutOfMemory),
        _ => exception.InnerException is { } inner && IsOutOfMemory(inner),
    };
}
