using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Testing.Images;

/// <summary>Small ISO 9660 volumes made byte by byte from ECMA-119: for what no tool would make.</summary>
internal sealed class IsoImages
{
    public const int Sector = 2048;
    public const int RootSector = 20;

    private readonly List<byte[]> _records = [];
    private readonly byte[] _image;

    public IsoImages(int sectors = 64) => _image = new byte[sectors * Sector];

    /// <summary>System use area of the root's own record.</summary>
    public byte[] RootSystemUse { get; set; } = [];

    public uint RootLength { get; set; } = Sector;

    public static byte[] Both32(uint value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), value);
        return bytes;
    }

    public static byte[] Record(byte[] name, uint extent, uint length, byte flags = 0, byte[]? systemUse = null)
    {
        systemUse ??= [];
        int start = 33 + name.Length + (~name.Length & 1);
        var record = new byte[(start + systemUse.Length + 1) & ~1];
        record[0] = (byte)record.Length;
        Both32(extent).CopyTo(record, 2);
        Both32(length).CopyTo(record, 10);
        new byte[] { 125, 1, 2, 3, 4, 5, 8 }.CopyTo(record, 18); // 2025-01-02 03:04:05 +02:00
        record[25] = flags;
        record[28] = record[31] = 1;
        record[32] = (byte)name.Length;
        name.CopyTo(record, 33);
        systemUse.CopyTo(record, start);
        return record;
    }

    /// <summary>A system use entry: signature, length and version before the data.</summary>
    public static byte[] Entry(string signature, params byte[] data) =>
        [.. Encoding.ASCII.GetBytes(signature), (byte)(data.Length + 4), 1, .. data];

    /// <summary>An alternate name.</summary>
    public static byte[] Name(string name, byte flags = 0) => Entry("NM", [flags, .. Encoding.UTF8.GetBytes(name)]);

    /// <summary>SP and ER of the root: announces Rock Ridge.</summary>
    public static byte[] Announce(byte skip = 0) =>
        [.. Entry("SP", 0xBE, 0xEF, skip), .. Entry("ER", [10, 0, 0, 1, .. Encoding.ASCII.GetBytes("RRIP_1991A")])];

    public IsoImages Add(byte[] record)
    {
        _records.Add(record);
        return this;
    }

    public IsoImages File(string name, uint extent, uint length, byte flags = 0, byte[]? systemUse = null) =>
        Add(Record(Encoding.ASCII.GetBytes(name), extent, length, flags, systemUse));

    public Span<byte> At(int sector) => _image.AsSpan(sector * Sector);

    public byte[] Build()
    {
        Span<byte> primary = At(16);
        primary[0] = 1;
        "CD001"u8.CopyTo(primary[1..]);
        primary[6] = 1;
        Encoding.ASCII.GetBytes("HANDMADE".PadRight(32)).CopyTo(primary[40..]);
        Both32((uint)(_image.Length / Sector)).CopyTo(primary[80..]);
        new byte[] { 0, 8, 8, 0 }.CopyTo(primary[128..]);
        Record([0], RootSector, RootLength, 2).CopyTo(primary[156..]);
        Span<byte> end = At(17);
        end[0] = 255;
        "CD001"u8.CopyTo(end[1..]);

        int place = RootSector * Sector;
        foreach (byte[] record in _records.Prepend(Record([1], RootSector, RootLength, 2)).Prepend(Record([0], RootSector, RootLength, 2, RootSystemUse)))
        {
            if ((place % Sector) + record.Length > Sector)
                place = ((place / Sector) + 1) * Sector;
            record.CopyTo(_image, place);
            place += record.Length;
        }

        return _image;
    }
}
