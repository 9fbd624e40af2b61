using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class MadtTests : IDisposable
{
    private readonly Firmware _firmware = new();

    public void Dispose() => _firmware.Dispose();

    [Fact]
    public void Every_kind_of_entry_is_recorded()
    {
        uint ioApic = (uint)_firmware.Address + 0x8000;
        Load(new MadtBuilder(0xFEE0_0000, flags: 0)
            .LocalApic(1, 0, 1)
            .LocalApic(2, 4, 1)
            .X2Apic(0x1_0203, 1, 77)
            .IoApic(9, ioApic, 24)
            .Override(0, 2, 0)
            .Override(9, 20, 0xF)
            .Nmi(0xD, 23)
            .LocalNmi(0xFF, 5, 1)
            .X2ApicNmi(0xF, 77, 0)
            .Address64(0x1_FEE0_0000));

        Assert.True(AcpiTables.HasMadt);
        Assert.False(AcpiTables.HasPic);
        Assert.Equal(0x1_FEE0_0000UL, AcpiTables.LocalApicAddress);
        Assert.Equal(3, AcpiTables.CpuCount);
        Assert.Equal([0U, 4U, 0x1_0203U], new[] { AcpiTables.Cpus.ApicId[0], AcpiTables.Cpus.ApicId[1], AcpiTables.Cpus.ApicId[2] });
        Assert.Equal([1U, 2U, 77U], new[] { AcpiTables.Cpus.Uid[0], AcpiTables.Cpus.Uid[1], AcpiTables.Cpus.Uid[2] });
        Assert.Equal(1, AcpiTables.IoApicCount);
        Assert.Equal((ioApic, 24U, (byte)9), (AcpiTables.IoApics.Address[0], AcpiTables.IoApics.GsiBase[0], AcpiTables.IoApics.Id[0]));
        Assert.Equal(2, AcpiTables.OverrideCount);
        Assert.Equal((1, 20U, (ushort)0xF), (AcpiTables.Interrupts.HasOverride[9], AcpiTables.Interrupts.OverrideGsi[9], AcpiTables.Interrupts.OverrideFlags[9]));
        Assert.Equal((1, 23U, (ushort)0xD), (AcpiTables.NmiCount, AcpiTables.Interrupts.NmiGsi[0], AcpiTables.Interrupts.NmiFlags[0]));
        Assert.Equal(2, AcpiTables.LocalNmiCount);
        Assert.Equal((0xFFFF_FFFFU, (byte)1), (AcpiTables.Interrupts.LocalNmiUid[0], AcpiTables.Interrupts.LocalNmiInput[0]));
        Assert.Equal((77U, (byte)0), (AcpiTables.Interrupts.LocalNmiUid[1], AcpiTables.Interrupts.LocalNmiInput[1]));
    }

    [Fact]
    public void Disabled_and_online_capable_processors_are_skipped()
    {
        Load(new MadtBuilder().LocalApic(0, 0, 1).LocalApic(1, 1, 0).LocalApic(2, 2, 2).LocalApic(3, 0xFF, 1).X2Apic(0xFFFF_FFFF, 1, 4));
        Assert.Equal(1, AcpiTables.CpuCount);
        Assert.Equal(0, AcpiTables.CpusIgnored);
    }

    [Fact]
    public void A_processor_listed_in_both_forms_counts_once()
    {
        Load(new MadtBuilder().LocalApic(0, 0, 1).LocalApic(1, 1, 1).X2Apic(0, 1, 0).X2Apic(1, 1, 1).X2Apic(2, 1, 2));
        Assert.Equal(3, AcpiTables.CpuCount);
    }

    [Fact]
    public void More_than_64_processors_are_counted_but_not_recorded()
    {
        var madt = new MadtBuilder();
        for (uint i = 0; i < 200; i++)
            madt.X2Apic(i, 1, i);
        Load(madt);
        Assert.Equal(64, AcpiTables.CpuCount);
        Assert.Equal(136, AcpiTables.CpusIgnored);
        Assert.Equal(63U, AcpiTables.Cpus.ApicId[63]);
    }

    [Fact]
    public void Lists_stop_at_their_capacity()
    {
        var madt = new MadtBuilder();
        for (int i = 0; i < 40; i++)
            madt.IoApic((byte)i, (uint)_firmware.Address, (uint)i * 24).Nmi(0, (uint)i).LocalNmi((byte)i, 0, 1).Override((byte)i, (uint)i, 0);
        Load(madt);
        Assert.Equal(AcpiTables.MaximumIoApics, AcpiTables.IoApicCount);
        Assert.Equal(AcpiTables.MaximumNmis, AcpiTables.NmiCount);
        Assert.Equal(AcpiTables.MaximumNmis, AcpiTables.LocalNmiCount);
        Assert.Equal(AcpiTables.IsaInterrupts, AcpiTables.OverrideCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200)]
    public void An_entry_of_impossible_length_ends_the_table(byte length)
    {
        Load(new MadtBuilder().LocalApic(0, 0, 1).Raw(0, length, 1, 1, 1, 0, 0, 0).LocalApic(2, 2, 1));
        Assert.Equal(1, AcpiTables.CpuCount);
    }

    [Fact]
    public void An_entry_too_short_for_its_kind_is_skipped()
    {
        Load(new MadtBuilder().Raw(0, 4, 1, 1).Raw(1, 4, 0, 0).Raw(9, 8, 0, 0, 5, 0, 0, 0).Raw(0x80, 3, 7).LocalApic(2, 2, 1));
        Assert.Equal(1, AcpiTables.CpuCount);
        Assert.Equal(2U, AcpiTables.Cpus.ApicId[0]);
        Assert.Equal(0, AcpiTables.IoApicCount);
    }

    [Fact]
    public void An_io_apic_outside_readable_memory_is_refused()
    {
        Load(new MadtBuilder().IoApic(0, (uint)_firmware.End - 0x10, 0).IoApic(1, 0, 0));
        Assert.Equal(0, AcpiTables.IoApicCount);
    }

    [Fact]
    public void The_first_of_two_tables_counts()
    {
        uint first = _firmware.Add("APIC", 3, new MadtBuilder().LocalApic(0, 0, 1).Body);
        uint second = _firmware.Add("APIC", 3, new MadtBuilder().LocalApic(1, 1, 1).LocalApic(2, 2, 1).Body);
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(first, second));
        Assert.True(_firmware.Load());
        Assert.Equal(1, AcpiTables.CpuCount);
    }

    private void Load(MadtBuilder madt)
    {
        uint table = _firmware.Add("APIC", 3, madt.Body, atEnd: true);
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(table));
        Assert.True(_firmware.Load());
    }
}
