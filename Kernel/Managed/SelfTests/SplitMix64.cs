using System.Buffers.Binary;

namespace GuestOS.Kernel.SelfTests;

/// <summary>The pattern of boot/EVENTS.md: word i of a disk is SplitMix64's output function of seed + (i + 1) × gamma (Steele, Lea, Flood, OOPSLA 2014).</summary>
internal static class SplitMix64
{
    private const ulong Gamma = 0x9E37_79B9_7F4A_7C15;

    /// <summary>One word.</summary>
    public static ulong Word(ulong seed, ulong index)
    {
        ulong z = seed + ((index + 1) * Gamma);
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>Fills bytes, a multiple of eight, with the words from an index on.</summary>
    public static void Fill(Span<byte> bytes, ulong seed, ulong firstWord)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, Word(seed, firstWord++));
    }

    /// <summary>Index of the first byte that differs from the pattern, or -1.</summary>
    public static int FindDifference(ReadOnlySpan<byte> bytes, ulong seed, ulong firstWord)
    {
        Span<byte> word = stackalloc byte[8];
        for (int i = 0; i + 8 <= bytes.Length; i += 8)
        {
            ulong expected = Word(seed, firstWord++);
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..]) == expected)
                continue;
            BinaryPrimitives.WriteUInt64LittleEndian(word, expected);
            return i + word.CommonPrefixLength(bytes.Slice(i, 8));
        }

        return -1;
    }
}
