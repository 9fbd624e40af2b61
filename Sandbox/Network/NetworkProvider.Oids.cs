using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Sandbox.Network;

/// <content>The adapter's values (protocol 6.7).</content>
public sealed partial class NetworkProvider
{
    private const uint Success = 0;
    private const uint NotSupported = 0xC000_00BB;
    private const uint InvalidLength = 0xC001_0014;
    private const uint InvalidData = 0xC001_0015;
    private const uint InvalidOid = 0xC001_0017;

    private static readonly uint[] Supported =
    [
        0x0001_0101, 0x0001_0106, 0x0001_0107, 0x0001_010E, 0x0001_0111, 0x0001_0114, 0x0001_0203, 0x0001_0204, 0x0001_021B, 0x0002_0216,
        0x0101_0101, 0x0101_0102, 0x0101_0103, 0x0101_010A, 0xFC01_020B, 0xFC01_020C, 0xFC01_020D,
    ];

    private bool _isLinkUp;
    private uint _linkSpeed;

    /// <summary>Packet filter that the guest set.</summary>
    public uint Filter { get; private set; }

    /// <summary>Groups of the guest's multicast list.</summary>
    public List<ulong> Multicast { get; } = [];

    /// <summary>Offload parameters that the guest set; empty before.</summary>
    public byte[] Offloads { get; private set; } = [];

    /// <summary>How received frames are spread; null: not at all.</summary>
    public RssSettings? Rss { get; private set; }

    /// <summary>RSS settings in the order in which they came.</summary>
    public List<RssSettings> RssHistory { get; } = [];

    /// <summary>OIDs that the guest asked for or set.</summary>
    public List<uint> OidHistory { get; } = [];

    private uint Mtu => Config.Mtu is >= 1514 and <= 9216 ? Math.Min(Config.Mtu - 14, (uint)Options.Mtu) : Math.Min(1500, (uint)Options.Mtu);

    private (uint Status, byte[] Value) Query(uint oid)
    {
        OidHistory.Add(oid);
        return oid switch
        {
            0x0001_0101 => (Success, Wire.Words(Supported)),
            0x0001_0106 => (Success, Wire.Words(Mtu)),
            0x0001_0111 => (Success, Wire.Words(Mtu + 14)),
            0x0001_0107 => (Success, Wire.Words(_linkSpeed)),
            0x0001_010E => (Success, Wire.Words(Filter)),
            0x0001_0114 => (Success, Wire.Words(_isLinkUp ? 0u : 1u)),
            0x0101_0101 or 0x0101_0102 => (Success, AddressBytes()),
            0x0101_0103 => (Success, [.. Multicast.SelectMany(static address => BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(address))[2..])]),
            0x0002_0216 => (Success, FriendlyName()),
            0x0001_0203 when Version >= 0x5_0000 => (Success, RssCapabilities()),
            0xFC01_020B or 0xFC01_020D => (Success, OffloadCapabilities()),
            _ => (InvalidOid, []),
        };
    }

    private uint Set(uint oid, ReadOnlySpan<byte> value)
    {
        OidHistory.Add(oid);
        switch (oid)
        {
            case 0x0001_010E:
                if (value.Length < 4)
                    return InvalidLength;
                Filter = Wire.Word(value, 0);
                return Success;
            case 0x0101_0103:
                if (value.Length % 6 != 0)
                    return InvalidLength;
                Multicast.Clear();
                for (var i = 0; i < value.Length; i += 6)
                    Multicast.Add(Wire.Address(value[i..]));
                return Success;
            case 0xFC01_020C:
                if (value.Length < 20 || value[0] != 0x80 || value[1] < 1)
                    return InvalidLength;
                if (value[9] == 2)
                    return NotSupported;
                Offloads = value.ToArray();
                return Success;
            case 0x0001_0204:
                return SetRss(value);
            case 0x0101_010A:
                return Success;
            case 0x0001_021B:
                // The address is the host's to give: any first digit is taken, and nothing changes.
                var at = value.Length >= 20 ? Wire.Word(value, 12) : uint.MaxValue;
                return at < value.Length && char.IsAsciiDigit((char)value[(int)at]) ? Success : InvalidData;
            default:
                return InvalidOid;
        }
    }

    private uint SetRss(ReadOnlySpan<byte> value)
    {
        if (value.Length < 40 || value[0] != 0x89 || BinaryPrimitives.ReadUInt16LittleEndian(value[2..]) < 40)
            return InvalidLength;
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(value[4..]);
        var tableSize = BinaryPrimitives.ReadUInt16LittleEndian(value[12..]);
        ulong tableOffset = Wire.Word(value, 16);
        var keySize = BinaryPrimitives.ReadUInt16LittleEndian(value[20..]);
        ulong keyOffset = Wire.Word(value, 24);
        if (tableSize == 0 || tableSize % 4 != 0 || tableSize / 4 > Options.RssEntries || tableOffset + tableSize > (ulong)value.Length)
            return InvalidData;
        if (keySize != 40 || keyOffset + keySize > (ulong)value.Length)
            return InvalidData;
        var table = new uint[tableSize / 4];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = Wire.Word(value, (int)tableOffset + (i * 4));
            if (table[i] > _granted)
                return InvalidData;
        }

        var settings = new RssSettings(flags, Wire.Word(value, 8), table, value.Slice((int)keyOffset, 40).ToArray());
        RssHistory.Add(settings);
        Rss = settings.IsDisabled ? null : settings;
        return Success;
    }

    private byte[] AddressBytes() => BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(Options.Address))[2..];

    private static byte[] FriendlyName()
    {
        var name = new byte[512];
        Encoding.Unicode.GetBytes("Network Adapter", name);
        return name;
    }

    private byte[] RssCapabilities()
    {
        var value = new byte[20];
        value[0] = 0x88;
        value[1] = 2;
        value[2] = 18;
        Wire.Put(value, 4, 0x0100_0300);
        Wire.Put(value, 8, (uint)Options.MostSubchannels + 1);
        Wire.Put(value, 12, (uint)Options.MostSubchannels + 1);
        BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(16), Options.RssEntries);
        return value[..18];
    }

    /// <summary>Revision 3, whatever was asked.</summary>
    private byte[] OffloadCapabilities()
    {
        var value = new byte[156];
        value[0] = 0xA7;
        value[1] = 3;
        value[2] = 156;
        foreach (var (at, bits) in ((int, uint)[])[(4, Options.SendChecksums.V4), (12, 0x155), (20, Options.SendChecksums.V6), (28, 0x55)])
        {
            Wire.Put(value, at, 2);
            Wire.Put(value, at + 4, bits);
        }

        foreach (var at in (int[])[80, 92])
        {
            Wire.Put(value, at, Options.LargeSend == 0 ? 0u : 2u);
            Wire.Put(value, at + 4, Options.LargeSend);
            Wire.Put(value, at + 8, Options.LargeSend == 0 ? 0u : 2u);
        }

        return value;
    }
}
