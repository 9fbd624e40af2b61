using System.Globalization;

namespace GuestOS.Machine.Network;

/// <summary>An IEEE 802 hardware address: six bytes, the first one that goes over the wire in the highest place.</summary>
public readonly record struct MacAddress
{
    /// <summary>Bytes in an address.</summary>
    public const int Size = 6;

    private const ulong GroupBit = 0x0100_0000_0000;
    private const ulong LocalBit = 0x0200_0000_0000;
    private const ulong Mask = 0xFFFF_FFFF_FFFF;

    /// <param name="value">The address as a number of 48 bits; the first byte is the highest.</param>
    /// <exception cref="ArgumentOutOfRangeException">It has more than 48 bits.</exception>
    public MacAddress(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Mask);
        Value = value;
    }

    /// <summary>All ones: every station.</summary>
    public static MacAddress Broadcast => new(Mask);

    /// <summary>The address as a number of 48 bits.</summary>
    public ulong Value { get; }

    /// <summary>A group of stations, the broadcast included (IEEE 802-2014, 8.2.2: the first bit on the wire).</summary>
    public bool IsGroup => (Value & GroupBit) != 0;

    /// <summary>Given by an administrator, not by the maker.</summary>
    public bool IsLocal => (Value & LocalBit) != 0;

    /// <summary>What a station can have as its own address: one station's, and not zero.</summary>
    public bool IsStation => !IsGroup && Value != 0;

    /// <summary>Reads the first six bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public static MacAddress Read(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, Size, nameof(source));
        ulong value = 0;
        for (var i = 0; i < Size; i++)
            value = (value << 8) | source[i];
        return new MacAddress(value);
    }

    /// <summary>Reads the form of <see cref="ToString"/>; dashes may stand for colons.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MacAddress address)
    {
        address = default;
        if (text.Length != (Size * 3) - 1)
            return false;
        ulong value = 0;
        for (var i = 0; i < Size; i++)
        {
            if ((i != 0 && text[(i * 3) - 1] is not (':' or '-'))
                || !byte.TryParse(text.Slice(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var part))
            {
                return false;
            }

            value = (value << 8) | part;
        }

        address = new MacAddress(value);
        return true;
    }

    /// <summary>Writes six bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for them.</exception>
    public void Write(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, Size, nameof(destination));
        for (var i = 0; i < Size; i++)
            destination[i] = (byte)(Value >> (8 * (Size - 1 - i)));
    }

    /// <summary>Six pairs of lower-case hexadecimal digits with colons.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(byte)(Value >> 40):x2}:{(byte)(Value >> 32):x2}:{(byte)(Value >> 24):x2}:{(byte)(Value >> 16):x2}:{(byte)(Value >> 8):x2}:{(byte)Value:x2}");
}
