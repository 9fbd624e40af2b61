using System.Buffers.Binary;

namespace GuestOS.Boot.Smoke;

/// <summary>The pattern that the guest writes to disks; see boot/EVENTS.md, "The pattern".</summary>
internal static class Pattern
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    /// <summary>The first bytes of a pattern.</summary>
    /// <param name="seed">The pattern's seed.</param>
    /// <param name="length">Number of bytes; a multiple of 8.</param>
    public static byte[] Create(ulong seed, int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length / 8; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), Word(seed, (ulong)i));
        return bytes;
    }

    /// <summary>One 64-bit word of a pattern.</summary>
    public static ulong Word(ulong seed, ulong index)
    {
        var z = seed + (index + 1) * Increment;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Where two arrays first differ; -1 when they are the same.</summary>
    public static int FirstDifference(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var same = left.CommonPrefixLength(right);
        return same == left.Length && same == right.Length ? -1 : same;
    }
}
