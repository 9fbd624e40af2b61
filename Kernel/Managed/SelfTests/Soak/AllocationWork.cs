namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Builds trees, lists, dictionaries and strings, drops most of them, and counts what is left: work for the collector.</summary>
internal sealed class AllocationWork : ISoakWork
{
    private const int Depth = 11;

    public string Name => "allocation";

    public bool RunRound(int seed)
    {
        var kept = new List<byte[]>();
        for (int i = 0; i < 200; i++)
        {
            var bytes = new byte[64 + ((seed + (i * 37)) & 0xFFF)];
            bytes.AsSpan().Fill((byte)i);
            if (i % 10 == 0)
                kept.Add(bytes);
        }

        Tree tree = Tree.Build(Depth);
        var large = new byte[100_000];
        large[^1] = 1;

        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < 500; i++)
            names["name " + i] = i;
        long sum = 0;
        foreach ((string name, int value) in names)
            sum += name.Length - 5 == Digits(value) ? value : -1_000_000;

        bool isKept = kept.Count == 20 && kept.TrueForAll(bytes => bytes[0] == bytes[^1]) && kept[3][0] == 30;
        return isKept && tree.Count() == (1 << Depth) - 1 && sum == 499 * 500 / 2 && large[^1] == 1 && large[0] == 0;
    }

    private static int Digits(int value) => value < 10 ? 1 : value < 100 ? 2 : 3;

    private sealed class Tree
    {
        private Tree? _left;
        private Tree? _right;

        public static Tree Build(int depth) => new()
        {
            _left = depth > 1 ? Build(depth - 1) : null,
            _right = depth > 1 ? Build(depth - 1) : null,
        };

        public int Count() => 1 + (_left?.Count() ?? 0) + (_right?.Count() ?? 0);
    }
}
