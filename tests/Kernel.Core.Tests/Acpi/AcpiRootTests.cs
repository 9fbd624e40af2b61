using System.Buffers.Binary;
using GuestOS.Testing;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Core.Tests;

public sealed class AcpiRootTests : IDisposable
{
    private readonly Firmware _firmware = new();

    public void Dispose() => _firmware.Dispose();

    [Fact]
    public void Signatures_are_their_characters()
    {
        Assert.Equal("APIC", Text(AcpiTable.Madt));
        Assert.Equal("FACP", Text(AcpiTable.Fadt));
        Assert.Equal("HPET", Text(AcpiTable.Hpet));
        Assert.Equal("MCFG", Text(AcpiTable.Mcfg));
        Assert.Equal("DSDT", Text(AcpiTable.Dsdt));
        Assert.Equal("SSDT", Text(AcpiTable.Ssdt));
        Assert.Equal("RSDT", Text(AcpiTable.Rsdt));
        Assert.Equal("XSDT", Text(AcpiTable.Xsdt));
    }

    [Fact]
    public void Revision_0_leads_to_the_rsdt()
    {
        uint madt = OneCpu();
        _firmware.SetRoot(0, _firmware.AddRsdt(madt), 0);
        Assert.True(_firmware.Load());
        Assert.Equal((1, 1), (AcpiTables.CpuCount, AcpiTables.TableCount));
        Assert.Equal(_firmware.Root, AcpiTables.Rsdp);
    }

    [Fact]
    public void A_damaged_xsdt_leaves_the_rsdt()
    {
        uint madt = OneCpu();
        uint xsdt = _firmware.AddXsdt(madt);
        _firmware.SetRoot(2, _firmware.AddRsdt(madt), xsdt);
        _firmware.Table(xsdt)[40] ^= 1;
        Assert.True(_firmware.Load());
        Assert.Equal((1, 1), (AcpiTables.CpuCount, AcpiTables.RefusedTables));
    }

    [Fact]
    public void A_damaged_extended_part_of_the_root_leaves_the_rsdt()
    {
        uint madt = OneCpu();
        _firmware.SetRoot(2, _firmware.AddRsdt(madt), _firmware.AddXsdt());
        _firmware.Bytes[33] ^= 1;
        Assert.True(_firmware.Load());
        Assert.Equal(1, AcpiTables.CpuCount);
    }

    [Fact]
    public void A_damaged_root_is_no_root()
    {
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(OneCpu()));
        _firmware.Bytes[10] ^= 0x40;
        Assert.False(_firmware.Load());
        Assert.Equal(0UL, AcpiTables.Rsdp);
        Assert.True(AcpiTables.HasPic && AcpiTables.HasRtc);
    }

    [Fact]
    public void A_root_without_tables_is_refused()
    {
        _firmware.SetRoot(2, 0xFFFF_FFF0, 0xFFFF_FFFF_FFFF_FFF0);
        Assert.False(_firmware.Load());
    }

    [Fact]
    public void A_root_is_found_by_its_signature_on_16_byte_boundaries_only()
    {
        KernelState.Reset(typeof(AcpiTables));
        _firmware.SetRoot(0, 0, 0);
        byte[] root = _firmware.Bytes[..20].ToArray();
        _firmware.Bytes.Clear();
        root.CopyTo(_firmware.Bytes[1000..]);
        AcpiMemory.Lowest = _firmware.Address;
        AcpiMemory.Highest = _firmware.End;
        Assert.Equal(0UL, AcpiRoot.Scan(_firmware.Address, _firmware.End));
        root.CopyTo(_firmware.Bytes[2000..]);
        Assert.Equal(_firmware.Address + 2000, AcpiRoot.Scan(_firmware.Address + 3, _firmware.End));
        Assert.Equal(0UL, AcpiRoot.Scan(_firmware.Address + 2001, _firmware.End));
    }

    [Fact]
    public void A_damaged_table_is_refused_and_the_others_serve()
    {
        uint bad = _firmware.Add("HPET", 1, new byte[20]);
        _firmware.Table(bad)[38] ^= 1;
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(bad, 0, 0xFFFF_FFF0, (uint)_firmware.End - 20, OneCpu()));
        Assert.True(_firmware.Load());
        Assert.Equal((1, 1, 1), (AcpiTables.CpuCount, AcpiTables.TableCount, AcpiTables.RefusedTables));
        Assert.Equal(0UL, AcpiTables.HpetAddress);
    }

    [Theory]
    [InlineData(0U)]
    [InlineData(35U)]
    [InlineData(0x1_0000U)]
    [InlineData(0x7FFF_FFFFU)]
    [InlineData(0xFFFF_FFFFU)]
    public void A_table_of_impossible_length_is_refused(uint length)
    {
        uint madt = OneCpu();
        BinaryPrimitives.WriteUInt32LittleEndian(_firmware.Bytes[(int)(madt - _firmware.Address + 4)..], length);
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(madt));
        Assert.True(_firmware.Load());
        Assert.Equal((0, 0, 1), (AcpiTables.CpuCount, AcpiTables.TableCount, AcpiTables.RefusedTables));
    }

    [Fact]
    public void Hpet_and_pci_windows()
    {
        var hpet = new byte[20];
        BinaryPrimitives.WriteUInt64LittleEndian(hpet.AsSpan(8), _firmware.Address + 0x1000);
        var mcfg = new byte[8 + 5 * 16];
        for (int i = 0; i < 5; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(mcfg.AsSpan(8 + i * 16), 0xE000_0000UL + (ulong)i);
            mcfg[8 + i * 16 + 8] = (byte)i;
            mcfg[8 + i * 16 + 11] = 0x7F;
        }

        uint table = _firmware.Add("MCFG", 1, mcfg);
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(_firmware.Add("HPET", 1, hpet), table));
        Assert.True(_firmware.Load());
        Assert.Equal(_firmware.Address + 0x1000, AcpiTables.HpetAddress);
        Assert.Equal((AcpiTables.MaximumMcfg, (ulong)table), (AcpiTables.McfgCount, AcpiTables.McfgTable));
        unsafe
        {
            Assert.Equal((0xE000_0003UL, (ushort)3, (byte)0, (byte)0x7F),
                (AcpiTables.Mcfg.Address[3], AcpiTables.Mcfg.Segment[3], AcpiTables.Mcfg.FirstBus[3], AcpiTables.Mcfg.LastBus[3]));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(8, 0)]
    [InlineData(23, 0)]
    [InlineData(24, 1)]
    [InlineData(39, 1)]
    public void A_window_cut_short_by_the_end_of_its_table_is_not_read(int bodyLength, int windows)
    {
        var body = new byte[bodyLength];
        body.AsSpan().Fill(1);
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(_firmware.Add("MCFG", 1, body, atEnd: true)));
        Assert.True(_firmware.Load());
        Assert.Equal(windows, AcpiTables.McfgCount);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 0xFFFF_FFFF_F000)]
    public void An_hpet_in_ports_or_out_of_reach_is_none(byte space, ulong address)
    {
        var hpet = new byte[20];
        hpet[4] = space;
        BinaryPrimitives.WriteUInt64LittleEndian(hpet.AsSpan(8), address == 0 ? _firmware.Address : address);
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(_firmware.Add("HPET", 1, hpet)));
        Assert.True(_firmware.Load());
        Assert.Equal(0UL, AcpiTables.HpetAddress);
    }

    [Fact]
    public void Bounds_never_wrap()
    {
        AcpiMemory.Lowest = 4096;
        AcpiMemory.Highest = 1UL << 39;
        Assert.True(AcpiMemory.Contains(4096, (1UL << 39) - 4096));
        Assert.False(AcpiMemory.Contains(4095, 1));
        Assert.False(AcpiMemory.Contains(4096, 1UL << 39));
        Assert.False(AcpiMemory.Contains(ulong.MaxValue, 36));
        Assert.False(AcpiMemory.Contains(ulong.MaxValue - 10, ulong.MaxValue));
        Assert.False(AcpiMemory.Contains((1UL << 39) - 35, 36));
    }

    [Fact]
    public void Damaged_tables_with_good_checksums_never_lead_out_of_readable_memory()
    {
        // Guard pages end the process on the first stray read; the seeds are fixed.
        for (int seed = 0; seed < 3000; seed++)
            LoadMutated(seed);
        Assert.True(AcpiTables.CpuCount <= AcpiTables.MaximumCpus);
    }

    private static void LoadMutated(int seed)
    {
        using var firmware = new Firmware();
        var random = new Random(seed);
        uint dsdt = firmware.Add("DSDT", 2, SleepTypeScanTests.Package(5, 5));
        var fadt = new byte[240];
        BinaryPrimitives.WriteUInt32LittleEndian(fadt.AsSpan(40 - 36), dsdt);
        var madt = new MadtBuilder().LocalApic(0, 0, 1).IoApic(0, (uint)firmware.Address, 0).Override(9, 9, 0xD).LocalNmi(0xFF, 0, 1).X2Apic(1, 1, 1);
        uint[] tables =
        [
            firmware.Add("FACP", 5, fadt), firmware.Add("HPET", 1, new byte[20]), firmware.Add("MCFG", 1, new byte[24]),
            firmware.Add("APIC", 3, madt.Body, atEnd: true), firmware.Add("SSDT", 1, SleepTypeScanTests.Package(1, 1)),
        ];
        foreach (uint table in tables.Append(dsdt))
        {
            for (int i = random.Next(4); i > 0; i--)
                firmware.Table(table)[random.Next(8, firmware.Table(table).Length)] = (byte)random.Next(256);
            firmware.Resign(table);
        }

        firmware.SetRoot(2, 0, firmware.AddXsdt(tables));
        Assert.True(firmware.Load());
        Assert.Equal(5, AcpiTables.TableCount);
    }

    private uint OneCpu() => _firmware.Add("APIC", 3, new MadtBuilder().LocalApic(0, 0, 1).Body);

    private static string Text(uint signature) => System.Text.Encoding.ASCII.GetString(BitConverter.GetBytes(signature));
}
