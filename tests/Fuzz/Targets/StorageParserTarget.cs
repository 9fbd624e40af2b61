using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.Synthetic.Storage.Scsi;

namespace GuestOS.Fuzz.Targets;

/// <summary>Everything that storvsc reads of a host's bytes: answers, sense data, INQUIRY, capacities, lists, pages.</summary>
public sealed class StorageParserTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "storage-parsers";

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        foreach (var version in StorageVersion.NewestFirst)
        {
            var outcome = CommandOutcome.Read(input, version, 4096);
            Require(outcome.Transferred is >= 0 and <= 4096, "more was transferred than was asked for");
            Require(outcome.Kind == OutcomeKind.Malformed || input.Length >= version.PacketSize, "a short answer was read");
            Require(outcome.Describe().Length < 200, "a long description");
        }

        Sense.TryRead(input, out _);
        if (InquiryData.TryRead(input, out var inquiry))
            Require(inquiry.Vendor.Length <= 8 && inquiry.Product.Length <= 16 && inquiry.Vendor.All(c => c is >= ' ' and < '\x7F'), "a text that is none");
        if (Capacity.TryRead16(input, out var capacity) || Capacity.TryRead10(input, out capacity, out _))
        {
            Require(capacity.BlockSize is >= 512 and <= 65536 && int.IsPow2(capacity.BlockSize), "a block size that cannot be");
            Require((UInt128)capacity.BlockCount * (uint)capacity.BlockSize <= long.MaxValue, "a size that cannot be");
            Require(capacity.PhysicalBlockSize >= capacity.BlockSize, "a physical block smaller than a logical one");
        }

        var luns = new SortedSet<byte>();
        if (LunList.TryRead(input, luns))
            Require(luns.Count <= input.Length / 8, "more logical units than there are entries");
        foreach (var page in (byte[])[0x00, 0x80, 0x83, 0xB0, 0xB2])
        {
            if (VitalPages.TryOpen(input, page, out var content))
                Require(content.Length <= input.Length - 4, "a page longer than its data");
        }

        VitalPages.ReadUnmapLimit(input);
        VitalPages.ReadsUnmap(input);
        ModePages.Read(input);
    }

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds() =>
    [
        [],
        ReadHex("01 00 00 00 00 00 00 00 00 00 00 00 34 00 01 00 00 00 00 00 0a 14 01 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff 20 4a 01 00 00 3c 00 00 00 00 00 00 00"),
        ReadHex("01 00 00 00 00 00 00 00 85 01 00 c0 34 00 84 02 00 00 00 00 0a 14 01 00 00 00 00 00 70 00 05 00 00 00 00 0a 00 00 00 00 21 00 00 00 00 00 00 00 00 00 ff 20 4a 01 00 00 3c 00 00 00 00 00 00 00"),
        ReadHex("00 00 05 02 1f 00 00 02 4d 73 66 74 20 20 20 20 56 69 72 74 75 61 6c 20 44 69 73 6b 20 20 20 20 31 2e 30 20"),
        ReadHex("00 00 00 00 00 00 3f ff 00 00 02 00 00 03 c0 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"),
        ReadHex("00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 05 00 00 00 00 00 00"),
        ReadHex("00 b0 00 3c 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 00 00 00 01 00 00 00 00 01"),
        ReadHex("17 00 00 00 08 12 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"),
        ReadHex("72 06 2a 09 00 00 00 00"),
    ];
}
