using System.Buffers.Binary;

namespace GuestOS.Sandbox.Tulip;

/// <summary>The chip's address filter, as a setup frame has set it (21140A hardware reference 4.2.3).</summary>
public sealed class TulipFilterModel
{
    private const int EntrySize = 12;
    private readonly HashSet<ulong> _perfect = [];
    private readonly bool[] _table = new bool[512];
    private ulong _own;

    /// <summary>The last setup frame was a hash table.</summary>
    public bool IsHash { get; private set; }

    /// <summary>The addresses of a perfect filter.</summary>
    public IReadOnlySet<ulong> Perfect => _perfect;

    /// <summary>Takes a setup frame of 192 bytes.</summary>
    public void Load(ReadOnlySpan<byte> setup, bool isHash)
    {
        IsHash = isHash;
        _perfect.Clear();
        Array.Clear(_table);
        if (!isHash)
        {
            for (var i = 0; i < 16; i++)
                _perfect.Add(ReadAddress(setup[(i * EntrySize)..]));
            return;
        }

        for (var half = 0; half < 32; half++)
        {
            var bits = BinaryPrimitives.ReadUInt16LittleEndian(setup[(half * 4)..]);
            for (var bit = 0; bit < 16; bit++)
                _table[(half * 16) + bit] = ((bits >> bit) & 1) != 0;
        }

        _own = ReadAddress(setup[156..]);
    }

    /// <summary>After a reset nothing is received.</summary>
    public void Clear()
    {
        IsHash = false;
        _perfect.Clear();
        Array.Clear(_table);
        _own = 0;
    }

    /// <summary>Whether a frame passes.</summary>
    public bool Passes(ReadOnlySpan<byte> frame, bool promiscuous, bool allMulticast)
    {
        var isGroup = (frame[0] & 1) != 0;
        if (promiscuous || (allMulticast && isGroup))
            return true;
        ulong address = 0;
        for (var i = 0; i < 6; i++)
            address = (address << 8) | frame[i];
        if (!IsHash)
            return _perfect.Contains(address);
        return isGroup ? _table[HashOf(frame)] : address == _own;
    }

    /// <summary>The low nine bits of the CRC register, bit after bit as the chip gets them: most significant form, read backwards.</summary>
    private static int HashOf(ReadOnlySpan<byte> frame)
    {
        var crc = 0xFFFF_FFFFu;
        foreach (var value in frame[..6])
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var feedback = (crc >> 31) ^ ((uint)(value >> bit) & 1);
                crc = (crc << 1) ^ (feedback != 0 ? 0x04C1_1DB7u : 0);
            }
        }

        var hash = 0;
        for (var i = 0; i < 9; i++)
            hash |= (int)((crc >> (31 - i)) & 1) << i;
        return hash;
    }

    private static ulong ReadAddress(ReadOnlySpan<byte> entry)
    {
        ulong address = 0;
        for (var i = 0; i < 3; i++)
            address = (address << 16) | (uint)(entry[i * 4] << 8) | entry[(i * 4) + 1];
        return address;
    }
}
