using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Boot.Images;

/// <summary>
/// Reads files of an ISO 9660 volume by their primary names (ECMA-119): the host's own view, to compare with what a guest reads.
/// Names match without regard to case and version.
/// </summary>
internal sealed class Iso9660Volume
{
    /// <summary>Bytes of a logical block.</summary>
    public const int BlockSize = 2048;

    /// <summary>Where the primary volume descriptor begins (ECMA-119 6.7.1).</summary>
    public const int DescriptorOffset = 16 * BlockSize;

    private const byte FlagDirectory = 2;
    private readonly Stream _stream;
    private readonly long _start;

    /// <summary>Opens a volume.</summary>
    /// <param name="stream">The medium; it stays the caller's.</param>
    /// <param name="start">Byte at which the volume begins: 0 on a disc, a partition's start on a disk.</param>
    /// <exception cref="InvalidDataException">There is no volume.</exception>
    public Iso9660Volume(Stream stream, long start)
    {
        _stream = stream;
        _start = start;
        Descriptor = Read(DescriptorOffset, BlockSize);
        if (!HasSignature(Descriptor))
            throw new InvalidDataException($"no ISO 9660 volume at byte {start}");
    }

    /// <summary>Blocks of the volume, as its descriptor says.</summary>
    public uint Blocks => BinaryPrimitives.ReadUInt32LittleEndian(Descriptor.AsSpan(80));

    private byte[] Descriptor { get; }

    /// <summary>Whether a block is a primary volume descriptor.</summary>
    public static bool HasSignature(ReadOnlySpan<byte> block) => block.Length >= 7 && block[0] == 1 && block[1..6].SequenceEqual("CD001"u8);

    /// <summary>Blocks that a descriptor says the volume has.</summary>
    public static uint BlocksOf(ReadOnlySpan<byte> descriptor) => BinaryPrimitives.ReadUInt32LittleEndian(descriptor[80..]);

    /// <summary>Reads a file.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public byte[] ReadFile(string path)
    {
        var record = Descriptor.AsSpan(156, 34).ToArray();
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            record = FindEntry(record, name) ?? throw new FileNotFoundException($"{path} is not on the volume");
        return Content(record);
    }

    private byte[]? FindEntry(byte[] directory, string name)
    {
        var content = Content(directory);
        for (var offset = 0; offset < content.Length;)
        {
            int length = content[offset];
            if (length == 0)
            {
                offset = (offset / BlockSize + 1) * BlockSize;
                continue;
            }

            var record = content.AsSpan(offset, length);
            var identifier = Encoding.ASCII.GetString(record.Slice(33, record[32]));
            if ((record[25] & FlagDirectory) == 0)
                identifier = identifier.Split(';')[0].TrimEnd('.');
            if (string.Equals(identifier, name, StringComparison.OrdinalIgnoreCase))
                return record.ToArray();
            offset += length;
        }

        return null;
    }

    private byte[] Content(ReadOnlySpan<byte> record)
    {
        var block = BinaryPrimitives.ReadUInt32LittleEndian(record[2..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(record[10..]);
        return Read((long)block * BlockSize, checked((int)length));
    }

    private byte[] Read(long offset, int length)
    {
        var buffer = new byte[length];
        _stream.Position = _start + offset;
        _stream.ReadExactly(buffer);
        return buffer;
    }
}
