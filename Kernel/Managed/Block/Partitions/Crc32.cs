namespace GuestOS.Kernel.Block.Partitions;

/// <summary>The CRC of GPT headers and entries: polynomial 0x04C11DB7, reflected (UEFI 2.10 section 5.3.2, ISO 3309).</summary>
internal static class Crc32
{
    private const uint ReflectedPolynomial = 0xEDB8_8320;

    private static readonly uint[] Table = MakeTable();

    /// <summary>CRC of the whole span.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Finish(Update(Start, data));

    /// <summary>Value before any data.</summary>
    public const uint Start = uint.MaxValue;

    /// <summary>Takes more data in.</summary>
    public static uint Update(uint state, ReadOnlySpan<byte> data)
    {
        foreach (byte value in data)
            state = Table[(byte)(state ^ value)] ^ (state >> 8);
        return state;
    }

    /// <summary>The CRC.</summary>
    public static uint Finish(uint state) => ~state;

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? (value >> 1) ^ ReflectedPolynomial : value >> 1;
            table[i] = value;
        }

        return table;
    }
}
