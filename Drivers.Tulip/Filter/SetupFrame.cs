using System.Buffers.Binary;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>
/// The frame that tells the chip its filter: 48 longwords with two bytes each, in the low half; the driver repeats them in the high half,
/// which the chip does not look at.
/// ERRATUM (21140): the broadcast address has to be among the entries to be received.
/// </summary>
internal static class SetupFrame
{
    /// <summary>Bytes, always.</summary>
    public const int Size = 192;

    /// <summary>Addresses that the perfect filter has room for, beside broadcast and the own one.</summary>
    public const int MostPerfect = 14;

    private const int EntrySize = 12;
    private const int Entries = 16;

    /// <summary>Where the own address is in a hash frame: longwords 39 to 41.</summary>
    private const int HashOwnAddress = 39 * 4;

    /// <summary>Writes the frame.</summary>
    /// <param name="destination">192 bytes.</param>
    /// <param name="own">The adapter's address.</param>
    /// <param name="multicast">Group addresses; others are received too in a perfect frame, and hash like any in the other.</param>
    /// <returns>True when it is a hash table.</returns>
    public static bool Write(Span<byte> destination, MacAddress own, IReadOnlyList<MacAddress> multicast)
    {
        destination = destination[..Size];
        if (multicast.Count > MostPerfect)
        {
            WriteHash(destination, own, multicast);
            return true;
        }

        for (var i = 0; i < Entries; i++)
        {
            var address = i == Entries - 1 ? own : i < multicast.Count ? multicast[i] : MacAddress.Broadcast;
            WriteAddress(destination[(i * EntrySize)..], address);
        }

        return false;
    }

    private static void WriteHash(Span<byte> destination, MacAddress own, IReadOnlyList<MacAddress> multicast)
    {
        destination.Clear();
        Set(destination, MacAddress.Broadcast);
        foreach (var address in multicast)
            Set(destination, address);
        WriteAddress(destination[HashOwnAddress..], own);
    }

    private static void Set(Span<byte> table, MacAddress address)
    {
        var index = MulticastHash.IndexOf(address);
        var place = index / 16 * 4;
        WriteHalf(table[place..], (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(table[place..]) | (1 << (index % 16))));
    }

    private static void WriteAddress(Span<byte> destination, MacAddress address)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        address.Write(bytes);
        for (var i = 0; i < 3; i++)
            WriteHalf(destination[(i * 4)..], BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..]));
    }

    private static void WriteHalf(Span<byte> destination, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, value);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], value);
    }
}
