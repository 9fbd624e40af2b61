using System.Buffers.Binary;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Core.Tests;

public sealed class FadtTests : IDisposable
{
    private readonly Firmware _firmware = new();
    private readonly byte[] _fadt = new byte[276];

    public FadtTests()
    {
        U16(46, 9);
        U32(48, 0xB2);
        Set(52, 2);
        U32(64, 0x604);
        U32(76, 0x608);
        Set(89, 2);
        Set(91, 4);
        Set(108, 0x32);
    }

    public void Dispose() => _firmware.Dispose();

    [Fact]
    public void Old_fields_serve_where_there_are_no_extended_ones()
    {
        Load(revision: 1, length: 116);
        Assert.True(AcpiTables.HasFadt);
        Assert.Equal((ushort)9, AcpiTables.SciInterrupt);
        Assert.Equal((0xB2U, (byte)2), (AcpiTables.SmiCommandPort, AcpiTables.AcpiEnableCommand));
        Assert.Equal((0x608UL, AcpiRegister.Ports), (AcpiTables.PmTimer.Address, AcpiTables.PmTimer.Space));
        Assert.Equal((0x604UL, (byte)16), (AcpiTables.Pm1aControl.Address, AcpiTables.Pm1aControl.Width));
        Assert.False(AcpiTables.Pm1bControl.Exists);
        Assert.False(AcpiTables.ResetRegister.Exists);
        Assert.False(AcpiTables.PmTimer32Bit);
        Assert.Equal((byte)0x32, AcpiTables.CenturyIndex);
        Assert.True(AcpiTables.LegacyDevices && AcpiTables.HasKeyboardController && AcpiTables.HasVga && AcpiTables.HasRtc && AcpiTables.AllowsMsi);
    }

    [Fact]
    public void Extended_fields_win()
    {
        Gas(172, AcpiRegister.Ports, 16, 0xB004);
        Gas(184, AcpiRegister.Memory, 16, 0xFED0_1000);
        Gas(208, AcpiRegister.Ports, 32, 0xB008);
        Gas(116, AcpiRegister.Ports, 8, 0xCF9);
        Set(128, 0x0F);
        U32(112, 1 << 8 | 1 << 10);
        Load(revision: 5, length: 276);
        Assert.Equal(0xB004UL, AcpiTables.Pm1aControl.Address);
        Assert.Equal((0xFED0_1000UL, AcpiRegister.Memory), (AcpiTables.Pm1bControl.Address, AcpiTables.Pm1bControl.Space));
        Assert.Equal(0xB008UL, AcpiTables.PmTimer.Address);
        Assert.True(AcpiTables.PmTimer32Bit);
        Assert.Equal((0xCF9UL, (byte)0x0F), (AcpiTables.ResetRegister.Address, AcpiTables.ResetValue));
    }

    [Theory]
    [InlineData(0x0000, false, false, true, true, true)]
    [InlineData(0x0003, true, true, true, true, true)]
    [InlineData(0x002C, false, false, false, false, false)]
    public void Boot_flags(ushort flags, bool legacy, bool keyboard, bool vga, bool msi, bool rtc)
    {
        U16(109, flags);
        Load(revision: 3, length: 244);
        Assert.Equal((legacy, keyboard, vga, msi, rtc),
            (AcpiTables.LegacyDevices, AcpiTables.HasKeyboardController, AcpiTables.HasVga, AcpiTables.AllowsMsi, AcpiTables.HasRtc));
    }

    [Fact]
    public void A_reset_register_that_the_flags_do_not_announce_is_not_there()
    {
        Gas(116, AcpiRegister.Ports, 8, 0xCF9);
        Load(revision: 3, length: 244);
        Assert.False(AcpiTables.ResetRegister.Exists);
    }

    [Fact]
    public void Hardware_reduced_machines_sleep_by_their_own_register()
    {
        U32(112, 1 << 20);
        Gas(244, AcpiRegister.Memory, 8, 0xFE00_0000);
        Load(revision: 6, length: 276);
        Assert.True(AcpiTables.HardwareReduced);
        Assert.True(AcpiTables.SleepControl.Exists);
        Assert.False(AcpiTables.Pm1aControl.Exists);
        Assert.False(AcpiTables.PmTimer.Exists);
    }

    [Fact]
    public void A_machine_without_pm_timer_has_timer_length_zero()
    {
        Set(91, 0);
        Load(revision: 3, length: 244);
        Assert.False(AcpiTables.PmTimer.Exists);
    }

    [Fact]
    public void The_64_bit_address_of_the_dsdt_wins_and_the_32_bit_one_helps_out()
    {
        uint dsdt = _firmware.Add("DSDT", 2, SleepTypeScanTests.Package(5, 6));
        U64(140, dsdt);
        U32(40, (uint)_firmware.Address);
        Load(revision: 3, length: 244);
        Assert.Equal((true, (byte)5, (byte)6), (AcpiTables.HasSleepType5, AcpiTables.SleepType5A, AcpiTables.SleepType5B));

        U64(140, 0xFFFF_FFFF_FFFF_0000);
        U32(40, dsdt);
        Load(revision: 3, length: 244);
        Assert.True(AcpiTables.HasSleepType5);
    }

    [Fact]
    public void An_ssdt_is_searched_when_the_dsdt_has_no_sleep_type()
    {
        uint ssdt = _firmware.Add("SSDT", 2, SleepTypeScanTests.Package(7, 0));
        uint fadt = _firmware.Add("FACP", 3, _fadt.AsSpan(36, 208), atEnd: true);
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(ssdt, fadt));
        Assert.True(_firmware.Load());
        Assert.Equal((true, (byte)7), (AcpiTables.HasSleepType5, AcpiTables.SleepType5A));
    }

    private void Load(byte revision, int length)
    {
        uint table = _firmware.Add("FACP", revision, _fadt.AsSpan(36, length - 36), atEnd: true);
        _firmware.SetRoot(2, 0, _firmware.AddXsdt(table));
        Assert.True(_firmware.Load());
    }

    private void Set(int offset, byte value) => _fadt[offset] = value;

    private void U16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_fadt.AsSpan(offset), value);

    private void U32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_fadt.AsSpan(offset), value);

    private void U64(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_fadt.AsSpan(offset), value);

    private void Gas(int offset, byte space, byte width, ulong address)
    {
        Set(offset, space);
        Set(offset + 1, width);
        U64(offset + 4, address);
    }
}
