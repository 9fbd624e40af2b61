namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Counts rounds and keeps the first failure. Safe from any thread.</summary>
internal sealed class SoakTally
{
    private readonly long[] _rounds;
    private long _wrong;
    private string? _error;

    public SoakTally(int kinds) => _rounds = new long[kinds];

    /// <summary>Rounds of all kinds.</summary>
    public long Rounds => _rounds.Sum();

    /// <summary>Rounds with a wrong answer.</summary>
    public long Wrong => Interlocked.Read(ref _wrong);

    /// <summary>The first failure; null when there was none.</summary>
    public string? Error => Volatile.Read(ref _error);

    /// <summary>Every kind of work has had a round.</summary>
    public bool HasEveryKind => Array.TrueForAll(_rounds, rounds => rounds > 0);

    public long RoundsOf(int kind) => Interlocked.Read(ref _rounds[kind]);

    public void CountRound(int kind) => Interlocked.Increment(ref _rounds[kind]);

    /// <summary>Counts a wrong round.</summary>
    public void CountWrong(string error)
    {
        Interlocked.Increment(ref _wrong);
        Fail(error);
    }

    /// <summary>Notes a failure that is not a round's.</summary>
    public void Fail(string error) => Interlocked.CompareExchange(ref _error, error, null);
}
