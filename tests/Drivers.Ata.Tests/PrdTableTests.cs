using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using GuestOS.Machine;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

public sealed class PrdTableTests
{
    /// <summary>Segments as a careless provider of memory might give them: any even place, any even length.</summary>
    private static Arbitrary<DmaSegment[]> Segments() => Gen.Choose(0, 0x7FFF_FFFF)
        .SelectMany(address => Gen.Choose(1, 100_000).Select(length => new DmaSegment(new PhysicalAddress((ulong)(uint)address * 2), length * 2)))
        .Where(segment => segment.Address.Value + (ulong)segment.Length <= 0x1_0000_0000)
        .ArrayOf()
        .ToArbitrary();

    [Fact]
    public void The_table_describes_the_same_bytes_in_order_and_obeys_every_rule()
    {
        Prop.ForAll(Segments(), segments =>
        {
            var table = new byte[PrdTable.TableSize];
            if (!PrdTable.TryWrite(segments, table, out var entries))
                return segments.Length == 0 || segments.Sum(segment => (segment.Length / PrdTable.MaximumRegion) + 2) > PrdTable.MaximumEntries;
            var regions = Read(table, entries);
            return Rules(regions) && Bytes(segments).SequenceEqual(Bytes(regions.Select(region => region.Segment)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_the_controller_cannot_do_is_refused()
    {
        var table = new byte[PrdTable.TableSize];
        Assert.False(PrdTable.TryWrite([], table, out _));
        Assert.False(Try(0x1001, 512));
        Assert.False(Try(0x1000, 511));
        Assert.False(Try(0x1000, 0));
        Assert.False(Try(0x1000, -2));
        Assert.False(Try(0x1_0000_0000, 512));
        Assert.False(Try(0xFFFF_FF00, 512));
        Assert.True(Try(0xFFFF_FE00, 512));
        Assert.False(Try(ulong.MaxValue - 1, 512));
        var many = new DmaSegment[PrdTable.MaximumEntries + 1];
        for (var i = 0; i < many.Length; i++)
            many[i] = new DmaSegment(new PhysicalAddress((ulong)i * 0x2000), 0x1000);
        Assert.False(PrdTable.TryWrite(many, table, out _));
        Assert.True(PrdTable.TryWrite(many.AsSpan(1), table, out var entries));
        Assert.Equal(PrdTable.MaximumEntries, entries);
        Assert.Equal(0x80, table[^1]);

        bool Try(ulong address, int length) => PrdTable.TryWrite([new DmaSegment(new PhysicalAddress(address), length)], table, out _);
    }

    [Fact]
    public void An_entry_has_the_layout_of_the_data_sheet()
    {
        var table = new byte[PrdTable.TableSize];
        Assert.True(PrdTable.TryWrite([new DmaSegment(new PhysicalAddress(0x0001_F000), 0x2200), new DmaSegment(new PhysicalAddress(0x12340000), 0x10000)], table, out var entries));
        Assert.Equal(3, entries);
        Assert.Equal(
            Convert.FromHexString("00F0010000100000" + "0000020000120000" + "0000341200000080"), table[..24]);
    }

    private static List<(DmaSegment Segment, bool Last)> Read(byte[] table, int entries)
    {
        var regions = new List<(DmaSegment, bool)>();
        for (var i = 0; i < entries; i++)
        {
            var entry = table.AsSpan(i * 8, 8);
            int count = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
            regions.Add((new DmaSegment(new PhysicalAddress(BinaryPrimitives.ReadUInt32LittleEndian(entry)), count == 0 ? 0x10000 : count), entry[7] == 0x80));
        }

        return regions;
    }

    private static bool Rules(List<(DmaSegment Segment, bool Last)> regions) =>
        regions.Count > 0
        && regions.Count(region => region.Last) == 1
        && regions[^1].Last
        && regions.TrueForAll(region => region.Segment.Address.Value % 2 == 0 && region.Segment.Length % 2 == 0
            && (region.Segment.Address.Value / 0x10000) == ((region.Segment.Address.Value + (ulong)region.Segment.Length - 1) / 0x10000));

    /// <summary>Runs of addresses, neighbours joined.</summary>
    private static List<(ulong First, ulong Last)> Bytes(IEnumerable<DmaSegment> segments)
    {
        var runs = new List<(ulong First, ulong End)>();
        foreach (var segment in segments)
        {
            var end = segment.Address.Value + (ulong)segment.Length;
            if (runs.Count > 0 && runs[^1].End == segment.Address.Value)
                runs[^1] = (runs[^1].First, end);
            else
                runs.Add((segment.Address.Value, end));
        }

        return runs;
    }
}
