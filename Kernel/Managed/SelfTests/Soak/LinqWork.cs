namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Queries whose answers arithmetic knows.</summary>
internal sealed class LinqWork : ISoakWork
{
    public string Name => "linq";

    public bool RunRound(int seed)
    {
        int n = 1000 + (seed & 0xFF);
        long squares = Enumerable.Range(1, n).Select(value => (long)value * value).Sum();
        var groups = Enumerable.Range(0, n).GroupBy(value => value % 7).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).ToList();
        string text = string.Join(',', Enumerable.Range(0, 50).Reverse().Select(value => value * 2));
        int[] back = [.. text.Split(',').Select(int.Parse).Order()];
        return squares == (long)n * (n + 1) * ((2 * n) + 1) / 6
            && groups.Count == 7
            && groups.Sum(group => group.Count()) == n
            && groups[0].Count() == (n + 6) / 7
            && back.SequenceEqual(Enumerable.Range(0, 50).Select(value => value * 2));
    }
}
