using System.Text.RegularExpressions;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>Drives that make trouble while they are set up, at first and after a reset.</summary>
public sealed class SetupTests
{
    private const byte SetMultiple = 0xC6;
    private const byte Identify = 0xEC;
    private const byte Packet = 0xA0;

    [Fact]
    public void A_disk_that_refuses_SET_MULTIPLE_is_used_sector_by_sector()
    {
        using var machine = new IdeMachine(attach: ide => ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions { HasDma = false })).Faults.UnknownCommands.Add(SetMultiple));
        machine.Start();
        Assert.Contains(machine.Log.Warnings, line => line.StartsWith("ata0.0: SET MULTIPLE MODE 16", StringComparison.Ordinal) && line.EndsWith("; sector by sector", StringComparison.Ordinal));
        Assert.True(machine.Run(machine.Disks[0].ReadAsync(0, new byte[4096])).IsSuccess);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(SetMultiple, 1, 1)]
    [InlineData(SetMultiple, 2, 0)]
    [InlineData(Identify, 1, 1)]
    [InlineData(Identify, 2, 0)]
    public void A_disk_that_hangs_while_it_is_set_up_is_tried_once_more_after_a_reset(byte command, int times, int disks)
    {
        using var machine = new IdeMachine(attach: ide => ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions())).Faults.Plan = (faults, given) =>
            faults.StuckBusy = given == command && times-- > 0 ? 1 : 0);
        machine.Start();
        Assert.Equal(disks, machine.Disks.Count);
        Assert.Contains(machine.Log.Warnings, line => line.StartsWith("ata0.0: ", StringComparison.Ordinal) && line.Contains("BSY", StringComparison.Ordinal));
        foreach (var disk in machine.Disks)
            Assert.True(machine.Run(disk.ReadAsync(0, new byte[4096])).IsSuccess);
        machine.AssertClean();
    }

    [Fact]
    public void A_packet_drive_that_hangs_when_it_is_asked_for_its_medium_is_there_without_one()
    {
        using var machine = new IdeMachine(attach: ide => ide.Channels[1].Attach(0, IdeDiscModel.With(new BlockImage(2048 * 100))).Faults.Plan = static (faults, command) =>
            faults.StuckBusy = command == Packet ? 1 : 0);
        machine.Start();
        Assert.Equal(0UL, Assert.Single(machine.Disks).Geometry.BlockCount);
        Assert.Contains(machine.Log.Warnings, line => line.StartsWith("ata1.0: medium not read: ", StringComparison.Ordinal));
        machine.AssertClean();
    }

    [Fact]
    public void A_disk_that_does_not_identify_itself_after_a_reset_is_gone_and_later_resets_pass_it_over()
    {
        IdeDiskModel? lost = null;
        IdeDiskModel? other = null;
        using var machine = new IdeMachine(attach: ide =>
        {
            lost = ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions()));
            other = ide.Channels[0].Attach(1, IdeDiskModel.With(new IdeDiskOptions { Serial = "SB0002" }));
        });
        machine.Start();
        lost!.Faults.UnknownCommands.Add(Identify);
        lost.Faults.StuckBusy = 1;
        var error = machine.Run(machine.Device("ata0.0").ReadAsync(0, new byte[512])).Error;
        Assert.Equal(BlockErrorKind.Gone, error!.Kind);
        Assert.Contains("not identified after a reset", error.Detail, StringComparison.Ordinal);
        lost.Commands.Clear();
        other!.Faults.StuckBusy = 1;
        Assert.True(machine.Run(machine.Device("ata0.1").ReadAsync(0, new byte[512])).IsSuccess);
        Assert.Empty(lost.Commands);
        machine.AssertClean();
    }

    [Fact]
    public void TRIM_is_not_tried_by_PIO()
    {
        var (machine, disk, model) = IdeMachine.WithDisk(options: ("pio", "1"));
        using (machine)
        {
            model.Commands.Clear();
            Assert.Equal(BlockErrorKind.NotSupported, machine.Run(disk.DiscardAsync(0, 8)).Error!.Kind);
            Assert.Empty(model.Commands);
        }
    }

    [Fact]
    public void Options_that_are_none_are_said()
    {
        var (machine, _, _) = IdeMachine.WithDisk(options: ("speed", "1"));
        using (machine)
            Assert.Contains("unknown option ata.speed=1", machine.Log.Warnings);
    }

    [Fact]
    public void Commands_have_the_names_of_the_standard()
    {
        foreach (var opcode in Enum.GetValues<AtaOpcode>())
            Assert.Equal(Regex.Replace(opcode.ToString(), "(?<=.)([A-Z])", " $1").ToUpperInvariant(), AtaText.Name(opcode));
        Assert.Equal("command 7f", AtaText.Name((AtaOpcode)0x7F));
    }
}
