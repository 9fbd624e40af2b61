using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>What a logical unit says of a command that it did not carry out, what the issuer learns of it, and how often it is tried.</summary>
public sealed class StorvscSenseTests
{
    [Theory]
    [InlineData(SenseKey.MediumError, 0x11, BlockErrorKind.MediumError, 1)]
    [InlineData(SenseKey.DataProtect, 0x27, BlockErrorKind.ReadOnly, 1)]
    [InlineData(SenseKey.NotReady, 0x3A, BlockErrorKind.NoMedium, 1)]
    [InlineData(SenseKey.NotReady, 0x04, BlockErrorKind.DeviceError, 13)]
    [InlineData(SenseKey.UnitAttention, 0x29, BlockErrorKind.DeviceError, 13)]
    [InlineData(SenseKey.IllegalRequest, 0x20, BlockErrorKind.NotSupported, 1)]
    [InlineData(SenseKey.IllegalRequest, 0x21, BlockErrorKind.InvalidRequest, 1)]
    [InlineData(SenseKey.IllegalRequest, 0x24, BlockErrorKind.DeviceError, 1)]
    [InlineData(SenseKey.HardwareError, 0x44, BlockErrorKind.DeviceError, 6)]
    public void A_write_that_the_unit_does_not_carry_out_fails_with_its_reason_after_as_many_tries_as_that_is_worth(
        SenseKey key, byte code, BlockErrorKind expected, int tries)
    {
        using var fixture = StorageFixture.Scsi();
        var tried = 0;
        fixture.Provider.Faults.Before = (_, command) =>
        {
            if (command.Opcode != ScsiOpcode.Write10)
                return false;
            tried++;
            command.Fail(new SenseData(key, code, 0));
            return true;
        };
        var error = fixture.Machine.Run(fixture.Disk.WriteAsync(5, new byte[512])).Error!;
        Assert.Equal((expected, 5UL, tries), (error.Kind, error.Block, tried));
        fixture.Provider.Faults.Before = null;
        Assert.True(fixture.Machine.Run(fixture.Disk.WriteAsync(5, new byte[512])).IsSuccess);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_unit_that_takes_back_what_it_said_of_its_size_is_looked_at_again()
    {
        using var fixture = StorageFixture.Scsi();
        fixture.Machine.Settle();
        var scans = fixture.Machine.Controller.Adapter.Counters.Scans;
        fixture.Provider.Faults.Before = (_, command) =>
        {
            if (command.Opcode != ScsiOpcode.Read10)
                return false;
            command.Fail(new SenseData(SenseKey.IllegalRequest, 0x21, 0));
            return true;
        };
        Assert.Equal(BlockErrorKind.InvalidRequest, fixture.Machine.Run(fixture.Disk.ReadAsync(5, new byte[512])).Error!.Kind);
        fixture.Machine.Settle();
        Assert.Equal(scans + 1, fixture.Machine.Controller.Adapter.Counters.Scans);
    }
}
