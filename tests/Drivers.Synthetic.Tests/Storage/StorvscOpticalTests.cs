using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>Drives that do not do what they are told, and go away.</summary>
public sealed class StorvscOpticalTests
{
    [Theory]
    [InlineData(SenseKey.IllegalRequest, 0x20, BlockErrorKind.NotSupported)]
    [InlineData(SenseKey.IllegalRequest, 0x53, BlockErrorKind.DeviceError)]
    [InlineData(SenseKey.HardwareError, 0x44, BlockErrorKind.DeviceError)]
    public void A_disc_that_does_not_come_out_stays_usable_and_the_caller_learns_why(SenseKey key, byte code, BlockErrorKind expected)
    {
        using var fixture = WithDrive(out var drive);
        fixture.Provider.Faults.Before = (_, command) =>
        {
            if (command.Opcode != ScsiOpcode.StartStopUnit)
                return false;
            command.Fail(new SenseData(key, code, 0));
            return true;
        };
        var error = fixture.Machine.Run(drive.EjectAsync()).Error!;
        Assert.Equal((expected, "scsi0.0.1", "START STOP UNIT"), (error.Kind, error.Device, error.Operation));
        Assert.True(fixture.Machine.Run(drive.ReadAsync(0, new byte[2048])).IsSuccess);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_drive_that_goes_away_is_noticed_when_it_is_told_to_eject()
    {
        using var fixture = WithDrive(out var drive);
        fixture.Provider.Bus.Remove(new ScsiAddress(0, 0, 1));
        Assert.Equal(BlockErrorKind.Gone, fixture.Machine.Run(drive.EjectAsync()).Error!.Kind);
        fixture.Machine.Settle();
        Assert.Equal("scsi0.0.0", Assert.Single(fixture.Machine.Disks).Name);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_drive_that_is_gone_leaves_the_disc_of_the_one_in_its_place_alone()
    {
        using var fixture = WithDrive(out var drive);
        fixture.Provider.Remove(new ScsiAddress(0, 0, 1));
        fixture.Machine.Settle();
        Assert.Equal("scsi0.0.0", Assert.Single(fixture.Machine.Disks).Name);
        var other = new ScsiOptical(new BlockImage(2048 * 20)) { Identity = new ScsiIdentity { Product = "Virtual DVD-ROM" } };
        fixture.Provider.Add(new ScsiAddress(0, 0, 1), other);
        fixture.Machine.Settle();
        Assert.Equal(20UL, fixture.Machine.Device("scsi0.0.1").Geometry.BlockCount);
        AssertGone();
        Assert.NotNull(other.Disc);
        Assert.Equal(10UL, drive.Geometry.BlockCount);
        fixture.Machine.DetachAll();
        AssertGone();
        fixture.Machine.AssertClean();

        void AssertGone()
        {
            Assert.Equal(BlockErrorKind.Gone, fixture.Machine.Run(drive.RefreshMediumAsync()).Error!.Kind);
            Assert.Equal(BlockErrorKind.Gone, fixture.Machine.Run(drive.EjectAsync()).Error!.Kind);
        }
    }

    private static StorageFixture WithDrive(out IRemovableBlockDevice drive)
    {
        var fixture = StorageFixture.Scsi(prepare: provider => provider.Bus.Add(
            new ScsiAddress(0, 0, 1), new ScsiOptical(new BlockImage(2048 * 10)) { Identity = new ScsiIdentity { Product = "Virtual DVD-ROM" } }));
        drive = Assert.IsAssignableFrom<IRemovableBlockDevice>(fixture.Machine.Device("scsi0.0.1"));
        return fixture;
    }
}
