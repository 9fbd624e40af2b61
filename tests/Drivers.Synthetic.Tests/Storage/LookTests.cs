using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Storage.Scsi;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>Looks at the bus that go wrong.</summary>
public sealed class LookTests
{
    private static readonly ScsiAddress s_second = new(0, 0, 7);

    [Fact]
    public void A_unit_that_cannot_be_published_is_left_out_until_it_can()
    {
        using var fixture = StorageFixture.Scsi();
        var machine = fixture.Machine;
        machine.OnPublish = device =>
        {
            machine.Disks.Remove(device);
            throw new InvalidOperationException("There is a disk of that name.");
        };
        fixture.Provider.Add(s_second, NewDisk());
        machine.Settle();
        Assert.Equal(["scsi0.0.0"], machine.Disks.Select(device => device.Name));
        Assert.Contains(machine.Log.Lines, line => line.Text.Contains("scsi0.0.7 cannot be used: There is a disk of that name.", StringComparison.Ordinal));
        machine.OnPublish = null;
        fixture.Provider.SendEvent(StorageOperation.EnumerateBus);
        machine.Settle();
        Assert.Equal(["scsi0.0.0", "scsi0.0.7"], machine.Disks.Select(device => device.Name));
        Assert.True(machine.Run(machine.Device("scsi0.0.7").ReadAsync(0, new byte[512])).IsSuccess);
        machine.AssertClean();
    }

    [Fact]
    public void A_look_that_fails_is_told_and_the_next_one_is_made()
    {
        using var fixture = StorageFixture.Scsi();
        var machine = fixture.Machine;
        machine.OnWithdraw = _ => throw new IOException("It is in use.");
        fixture.Provider.Add(s_second, NewDisk());
        machine.Settle();
        fixture.Provider.Remove(s_second);
        machine.Settle();
        Assert.Contains(machine.Log.Lines, line => line.Text.Contains("a look at the bus failed: It is in use.", StringComparison.Ordinal));
        Assert.Equal(LookState.None, machine.Controller.Look);
        machine.OnWithdraw = null;
        fixture.Provider.Add(s_second, NewDisk());
        machine.Settle();
        Assert.Equal(["scsi0.0.0", "scsi0.0.7"], machine.Disks.Select(device => device.Name));
        machine.AssertClean();
    }

    [Fact]
    public void Another_kind_of_device_in_a_units_place_is_another_device()
    {
        using var fixture = StorageFixture.Scsi();
        var machine = fixture.Machine;
        fixture.Provider.Add(s_second, NewDisk());
        machine.Settle();
        var disk = machine.Device("scsi0.0.7");
        fixture.Provider.Bus.Remove(s_second);
        fixture.Provider.Add(s_second, new ScsiOptical(new BlockImage(2048 * 10)) { Identity = new ScsiIdentity { Product = "Virtual DVD-ROM" } });
        machine.Settle();
        Assert.Equal(2048, machine.Device("scsi0.0.7").Geometry.BlockSize);
        var error = machine.Run(disk.ReadAsync(0, new byte[512])).Error!;
        Assert.Equal(BlockErrorKind.Gone, error.Kind);
        Assert.Contains("another device has taken its place", error.Detail, StringComparison.Ordinal);
        machine.AssertClean();
    }

    private static ScsiDisk NewDisk() => new(new BlockImage(1 << 20)) { Identity = new ScsiIdentity() };
}
