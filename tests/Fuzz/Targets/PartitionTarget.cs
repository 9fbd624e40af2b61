using System.Buffers.Binary;
using GuestOS.Kernel.Block.Partitions;
using GuestOS.Testing.Images;
using static GuestOS.Fuzz.Targets.Patches;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// Partition tables, MBR with logical partitions and GPT at two block sizes, with any bytes changed; checksums are made right again afterwards, so
/// that what they guard is read. An input is a disk, which checksums to mend, and runs of bytes.
/// </summary>
public sealed class PartitionTarget : FuzzTarget
{
    private const int Bytes = 1 << 16;
    private const int Entries = 128 * 128;
    private const int MostRuns = 16;
    private const int MostPartitions = 256;

    // Headers, entries, and a chain of as many boot records as the reader follows.
    private const int MostReads = 600;

    /// <inheritdoc/>
    public override string Name => "partitions";

    /// <inheritdoc/>
    public override int TestCount => 2000;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        var (disk, blockSize, isGpt) = DiskOf(decisions.Next() % 4);
        var mends = decisions.Next();
        Apply(decisions, disk, MostRuns);
        if (isGpt)
        {
            Mend(disk, blockSize, 1, 2, mends);
            Mend(disk, blockSize, (Bytes / blockSize) - 1, (Bytes / blockSize) - 1 - (Entries / blockSize), mends);
        }

        var device = new ByteDisk(disk, blockSize);
        var table = PartitionScanner.ScanAsync(device).GetAwaiter().GetResult();
        Require((table.Kind == PartitionTable.Broken) == (table.Error is not null), $"a table that is {table.Kind} with the error {table.Error}");
        Require(table.Partitions.Count <= MostPartitions, $"{table.Partitions.Count} partitions");
        Require(table.Partitions.Select(partition => partition.Number).Distinct().Count() == table.Partitions.Count, "a number twice");
        foreach (var partition in table.Partitions)
        {
            Require(partition.BlockCount > 0 && partition.FirstBlock < device.Geometry.BlockCount, $"{partition}");
            Require(partition.BlockCount <= device.Geometry.BlockCount - partition.FirstBlock, $"{partition} leaves the disk");
        }

        Require(device.Reads is > 0 and <= MostReads, $"{device.Reads} reads");
        Require(table.Warnings.Count <= MostPartitions && table.Warnings.All(text => text.Length < 1000), "long warnings");
    }

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        for (byte kind = 0; kind < 4; kind++)
        {
            for (byte mends = 0; mends < 4; mends++)
                yield return [kind, mends];
        }

        // An entry of the MBR, a link of the chain that leads back, fields of a GPT header, an entry of a GPT.
        yield return [1, 0, .. At(446, 0x80, 0, 0, 0, 7, 0, 0, 0, 60, 0, 0, 0, 1)];
        yield return [1, 0, .. At((70 * 512) + 446 + 24, 0, 0, 0, 0, 10, 0, 0, 0)];
        foreach (var field in (int[])[8, 12, 24, 32, 40, 48, 72, 80, 84])
            yield return [2, 3, .. At(512 + field, 0xFF, 0xFF, 0xFF, 0xFF)];
        yield return [3, 3, .. At((2 * 4096) + 32, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0)];
    }

    private static (byte[] Disk, int BlockSize, bool IsGpt) DiskOf(int kind) => kind switch
    {
        0 => (new byte[Bytes], 512, false),
        1 => (new byte[Bytes].WithMbr((0x83, 1, 50), (0x05, 60, 60)).WithRecord(60, (0x83, 1, 5), (0x05, 10, 10)).WithRecord(70, (0x83, 1, 5)), 512, false),
        2 => (new byte[Bytes].WithGpt(512, (40, 50, "one"), (51, 60, "two")), 512, true),
        _ => (new byte[Bytes].WithGpt(4096, (6, 7, "one"), (8, 8, "two")), 4096, true),
    };

    /// <summary>Makes the checksums of one copy right: bit 0 the header's, bit 1 that of the entries where they usually are.</summary>
    private static void Mend(Span<byte> disk, int blockSize, int header, int entries, int mends)
    {
        var content = disk.Slice(header * blockSize, blockSize);
        if ((mends & 2) != 0)
            BinaryPrimitives.WriteUInt32LittleEndian(content[88..], Crc32.Compute(disk.Slice(entries * blockSize, Entries)));
        if ((mends & 1) != 0)
            PartitionImages.FixHeader(content);
    }
}
