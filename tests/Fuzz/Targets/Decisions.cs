namespace GuestOS.Fuzz.Targets;

/// <summary>An input as a row of decisions. When it is used up everything is decided honestly.</summary>
internal sealed class Decisions
{
    private readonly byte[] _bytes;
    private int _next;

    public Decisions(ReadOnlySpan<byte> input) => _bytes = input.ToArray();

    public bool IsUsedUp => _next >= _bytes.Length;

    public int Next() => IsUsedUp ? 0 : _bytes[_next++];

    public int Next(int count) => count <= 0 ? 0 : ((Next() << 8) | Next()) % count;
}
