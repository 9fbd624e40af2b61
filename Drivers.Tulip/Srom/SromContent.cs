using System.Buffers.Binary;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>What the serial ROM tells (DEC serial ROM format 4.0; format 1 and 3 differ in nothing that is used here but the checksum's place).</summary>
internal sealed record SromContent
{
    private const int FormatVersionPlace = 18;
    private const int ControllerCountPlace = 19;
    private const int AddressPlace = 20;
    private const int LeafListPlace = 26;
    private const int LeafEntrySize = 3;

    /// <summary>Boards with several chips share the ROM of the first; more than that nobody built.</summary>
    private const int MostControllers = 8;

    /// <summary>Blocks of a leaf; each takes four bytes at least.</summary>
    private const int MostBlocks = 32;

    /// <summary>Default medium: try what there is.</summary>
    public const ushort AutoSense = 0x0800;

    public required int FormatVersion { get; init; }

    /// <summary>The address of this chip. Not checked: see <see cref="MacAddress.IsStation"/>.</summary>
    public required MacAddress Address { get; init; }

    /// <summary>Null, or what is wrong with the checksum.</summary>
    public string? ChecksumError { get; init; }

    public ushort DefaultMedium { get; init; } = AutoSense;

    /// <summary>21140: pins of the general purpose port that are outputs.</summary>
    public byte GeneralPurposeDirection { get; init; }

    public IReadOnlyList<MediaBlock> Media { get; init; } = [];

    /// <summary>What is wrong with the media table; what was read before that holds.</summary>
    public string? MediaError { get; init; }

    /// <summary>Reads an image of 128 bytes; there is none that cannot be read.</summary>
    /// <param name="image">The ROM.</param>
    /// <param name="chip">Decides the leaf's form.</param>
    /// <param name="deviceNumber">PCI device number: which controller of a board this is.</param>
    public static SromContent Parse(ReadOnlySpan<byte> image, ChipKind chip, int deviceNumber)
    {
        int version = image[FormatVersionPlace];
        var controller = FindController(image, deviceNumber);
        var content = new SromContent
        {
            FormatVersion = version,
            Address = new MacAddress((MacAddress.Read(image[AddressPlace..]).Value + (ulong)controller) & 0xFFFF_FFFF_FFFF),
            ChecksumError = SromChecksum.Check(image, version),
        };
        var offset = BinaryPrimitives.ReadUInt16LittleEndian(image[(LeafListPlace + (controller * LeafEntrySize) + 1)..]);
        if (offset == 0)
            return content;
        var end = version == 1 ? SromChecksum.PlaceOfFormat1 : SromChecksum.Place;
        return offset < end
            ? content.WithLeaf(image[offset..end], chip)
            : content with { MediaError = $"its place, {offset}, is outside of the ROM" };
    }

    private static int FindController(ReadOnlySpan<byte> image, int deviceNumber)
    {
        var count = Math.Min((int)image[ControllerCountPlace], MostControllers);
        for (var i = 0; i < count; i++)
        {
            if (image[LeafListPlace + (i * LeafEntrySize)] == deviceNumber)
                return i;
        }

        return 0;
    }

    private SromContent WithLeaf(ReadOnlySpan<byte> leaf, ChipKind chip)
    {
        var reader = new SpanReader(leaf);
        byte direction = 0;
        if (!reader.TryRead16(out var medium)
            || (chip == ChipKind.Dec21140 && !reader.TryRead8(out direction))
            || !reader.TryRead8(out var count))
        {
            return this with { MediaError = "it is cut off" };
        }

        var blocks = new List<MediaBlock>();
        string? error = count > MostBlocks ? $"{count} blocks are more than fit" : null;
        for (var i = 0; i < count && error is null; i++)
        {
            if (!MediaBlockParser.TryRead(ref reader, out var block, out var reason))
                error = $"block {i + 1} of {count}: {reason}";
            else if (block is not null)
                blocks.Add(block);
        }

        return this with { DefaultMedium = medium, GeneralPurposeDirection = direction, Media = blocks, MediaError = error };
    }
}
