namespace GuestOS.Fuzz;

/// <summary>Makes inputs from inputs.</summary>
public sealed class Mutator
{
    private static readonly byte[] Interesting = [0, 1, 2, 4, 7, 8, 0x10, 0x12, 0x20, 0x3F, 0x40, 0x7F, 0x80, 0x86, 0xFE, 0xFF];
    private readonly Random _random;

    /// <param name="seed">The same seed gives the same inputs.</param>
    public Mutator(int seed) => _random = new Random(seed);

    /// <summary>A mutation of one of the inputs, sometimes crossed with another.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> inputs, int mostBytes)
    {
        var bytes = inputs[_random.Next(inputs.Count)].ToList();
        if (_random.Next(4) == 0)
        {
            var other = inputs[_random.Next(inputs.Count)];
            bytes = [.. bytes.Take(_random.Next(bytes.Count + 1)), .. other.Skip(_random.Next(other.Length + 1))];
        }

        for (var i = _random.Next(1, 9); i > 0; i--)
            MutateOnce(bytes);
        return [.. bytes.Take(mostBytes)];
    }

    private void MutateOnce(List<byte> bytes)
    {
        var place = _random.Next(bytes.Count + 1);
        switch (_random.Next(7))
        {
            case 0:
                bytes.Insert(place, (byte)_random.Next(256));
                break;
            case 1:
                for (var i = _random.Next(1, 33); i > 0; i--)
                    bytes.Add((byte)_random.Next(256));
                break;
            case 2 when place < bytes.Count:
                bytes.RemoveRange(place, _random.Next(1, bytes.Count - place + 1));
                break;
            case 3 when place < bytes.Count:
                bytes[place] ^= (byte)(1 << _random.Next(8));
                break;
            case 4 when place < bytes.Count:
                bytes[place] = Interesting[_random.Next(Interesting.Length)];
                break;
            case 5:
                for (var i = place; i < bytes.Count && i < place + 4; i++)
                    bytes[i] = 0xFF;
                break;
            case 6 when place < bytes.Count:
                bytes[place] = (byte)_random.Next(256);
                break;
        }
    }
}
