using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>A primary or supplementary volume descriptor (8.4, 8.5), checked.</summary>
internal sealed record IsoVolumeDescriptor
{
    private const byte TypePrimary = 1;
    private const byte TypeSupplementary = 2;
    private const byte TypeTerminator = 255;
    private const int RootRecordOffset = 156;
    private const int RootRecordLength = 34;

    /// <summary>Names are UCS-2, as Joliet has them.</summary>
    public required bool IsJoliet { get; init; }

    /// <summary>Bytes of a logical block: 512, 1024 or 2048.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Size of the volume in logical blocks.</summary>
    public required uint BlockCount { get; init; }

    /// <summary>Name of the volume.</summary>
    public required string Label { get; init; }

    /// <summary>First logical block of the root directory.</summary>
    public required uint RootExtent { get; init; }

    /// <summary>Bytes of the root directory.</summary>
    public required uint RootLength { get; init; }

    /// <summary>Date of the root directory.</summary>
    public required DateTimeOffset RootModified { get; init; }

    /// <summary>Whether the sector is any volume descriptor (8.1).</summary>
    public static bool HasSignature(ReadOnlySpan<byte> sector) => sector.Length >= IsoFormat.SectorSize && sector[1..].StartsWith("CD001"u8);

    /// <summary>Whether it ends the list (8.3).</summary>
    public static bool IsTerminator(ReadOnlySpan<byte> sector) => sector[0] == TypeTerminator;

    /// <summary>Whether it is one that this type describes: primary, or supplementary with a Joliet escape sequence.</summary>
    public static bool IsUsable(ReadOnlySpan<byte> sector) => sector[0] == TypePrimary || (sector[0] == TypeSupplementary && IsJolietEscape(sector));

    /// <summary>Reads and checks a descriptor.</summary>
    public static bool TryRead(ReadOnlySpan<byte> sector, [NotNullWhen(true)] out IsoVolumeDescriptor? descriptor, out string error)
    {
        descriptor = null;
        bool isJoliet = sector[0] == TypeSupplementary;
        if (!IsoFormat.TryReadBoth16(sector[128..], out ushort blockSize) || blockSize is not (512 or 1024 or 2048))
        {
            error = "its block size is impossible, or differs between the two byte orders";
            return false;
        }

        if (!IsoFormat.TryReadBoth32(sector[80..], out uint blockCount) || blockCount == 0)
        {
            error = "its volume size differs between the two byte orders, or is zero";
            return false;
        }

        if (!IsoDirectoryRecord.TryRead(sector.Slice(RootRecordOffset, RootRecordLength), out IsoDirectoryRecord root)
            || (root.Flags & IsoRecordFlags.Directory) == 0)
        {
            error = "its root directory record is damaged";
            return false;
        }

        error = "";
        ReadOnlySpan<byte> label = sector.Slice(40, 32);
        descriptor = new IsoVolumeDescriptor
        {
            IsJoliet = isJoliet,
            BlockSize = blockSize,
            BlockCount = blockCount,
            Label = IsoName.Printable(isJoliet ? Encoding.BigEndianUnicode.GetString(label) : Encoding.Latin1.GetString(label)),
            RootExtent = root.Extent,
            RootLength = root.DataLength,
            RootModified = root.Modified,
        };
        return true;
    }

    /// <summary>Joliet specification 3.2: UCS-2 level 1, 2 or 3.</summary>
    private static bool IsJolietEscape(ReadOnlySpan<byte> sector) =>
        BinaryPrimitives.ReadUInt16BigEndian(sector[88..]) == 0x252F && sector[90] is 0x40 or 0x43 or 0x45;
}
