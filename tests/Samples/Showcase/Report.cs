namespace Showcase;

/// <summary>Runs the pieces and counts those that worked.</summary>
internal sealed class Report
{
    /// <summary>Pieces that ran.</summary>
    public int Total { get; private set; }

    /// <summary>Pieces that worked.</summary>
    public int Passed { get; private set; }

    /// <summary>Runs one piece.</summary>
    public void Check(string name, Func<(bool Good, string Detail)> piece) =>
        CheckAsync(name, () => Task.FromResult(piece())).GetAwaiter().GetResult();

    /// <summary>Runs one piece that awaits.</summary>
    public async Task CheckAsync(string name, Func<Task<(bool Good, string Detail)>> piece)
    {
        Total++;
        (bool good, string detail) = await piece().ConfigureAwait(false);
        if (good)
            Passed++;
        Console.WriteLine($"{(good ? "ok  " : "FAIL")} {name}: {detail}");
    }
}
