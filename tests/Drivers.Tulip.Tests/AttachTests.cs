using GuestOS.Machine.Network;
using GuestOS.Sandbox.Tulip;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

public sealed class AttachTests
{
    [Theory]
    [InlineData("21140")]
    [InlineData("21143")]
    public void Either_chip_is_brought_up_from_its_serial_ROM(string kind)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.Of(kind));
        var device = Assert.Single(machine.Adapters);
        Assert.Equal("tulip0", device.Name);
        Assert.Equal($"DEC {kind}", device.Model);
        Assert.Equal("00:15:5d:01:02:03", device.Address.ToString());
        Assert.Equal(1500, device.Mtu);
        Assert.Equal(new LinkStatus(true, 100, true), device.Link);
        Assert.Equal("MII PHY 1", machine.Adapter.MediumName);
        Assert.Equal(1, machine.Model.SetupFrames);
        Assert.Contains(device.Address.Value, machine.Model.Filter.Perfect);
        Assert.Contains(MacAddress.Broadcast.Value, machine.Model.Filter.Perfect);
        Assert.Equal(2, machine.Model.Filter.Perfect.Count);

        // Start of both processes, MII port, full duplex, no heartbeat, bit 25.
        Assert.Equal(0x020C_2202u, machine.Model[6] & ~(3u << 14));
        Assert.Empty(machine.Log.Warnings);
        machine.AssertClean();
    }

    [Theory]
    [InlineData("ports", false, false)]
    [InlineData("memory", false, false)]
    [InlineData("ports", true, false)]
    [InlineData("memory", false, true)]
    public void Registers_are_reached_by_whatever_the_board_has(string window, bool noPorts, bool noMemory)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV() with { HasNoPorts = noPorts, HasNoMemory = noMemory }, options: ("window", window));
        machine.Run(machine.SendAsync(machine.Bytes(100)));
        machine.Settle();
        Assert.Single(machine.Wire);
        machine.AssertClean();
    }

    [Fact]
    public void An_adapter_without_any_registers_is_left_alone()
    {
        using var machine = new TulipMachine(adapter: TulipMachine.HyperV() with { HasNoPorts = true, HasNoMemory = true });
        Assert.Contains("neither ports nor memory", machine.Run(machine.Instance.ProbeAsync(default)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_that_does_not_answer_is_left_alone()
    {
        using var machine = new TulipMachine();
        machine.Model.Faults.Vanished = true;
        Assert.Contains("do not answer", machine.Run(machine.Instance.ProbeAsync(default)), StringComparison.Ordinal);
    }

    [Fact]
    public void Decoding_and_bus_mastering_are_switched_on_and_sleep_off()
    {
        using var machine = new TulipMachine();
        machine.Model.Configuration.Write16(4, 0x0400);
        machine.Model.Configuration.Write32(0x40, 0xC000_1234);
        machine.Start();
        Assert.Equal(0x0007, machine.Model.Configuration.Read16(4));
        Assert.Equal(0x1234u, machine.Model.Configuration.Read32(0x40));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public void The_size_of_the_serial_ROM_is_found(int addressBits)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV() with { SromAddressBits = addressBits });
        Assert.Equal("00:15:5d:01:02:03", machine.Adapter.Address.ToString());
    }

    [Fact]
    public void A_serial_ROM_with_a_bad_checksum_is_refused_with_both_sums()
    {
        var image = TulipMachine.HyperV().Srom;
        var good = (image[127] << 8) | image[126];
        image[22] ^= 1;
        using var machine = new TulipMachine(adapter: TulipMachine.HyperV() with { Srom = image });
        var error = Assert.Throws<IOException>(() => machine.Run(machine.Instance.AttachAsync(default)));
        Assert.Contains($"its checksum is {good:x4}", error.Message, StringComparison.Ordinal);
        Assert.Empty(machine.Adapters);
        Assert.Equal(TulipTimeouts.SromAttempts * 64, machine.Model.Srom.WordsRead - TulipTimeouts.SromAttempts);
    }

    [Fact]
    public void With_the_option_it_is_used_all_the_same()
    {
        var image = TulipMachine.HyperV().Srom;
        image[22] ^= 1;
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV() with { Srom = image }, options: ("srom", "trust"));
        Assert.Equal("00:15:5c:01:02:03", machine.Adapter.Address.ToString());
        Assert.Contains(machine.Log.Warnings, warning => warning.Contains("damaged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public void A_checksum_that_was_never_programmed_is_none(byte value)
    {
        var image = TulipMachine.HyperV().Srom;
        image[126] = image[127] = value;
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV() with { Srom = image });
        Assert.Single(machine.Adapters);
    }

    [Fact]
    public void A_bit_that_was_read_wrong_is_read_again()
    {
        using var machine = new TulipMachine(adapter: TulipMachine.HyperV());
        machine.Model.Faults.SromBitErrors = TulipTimeouts.SromAttempts - 1;
        machine.Start();
        Assert.Single(machine.Adapters);
    }

    [Fact]
    public void A_silent_serial_ROM_is_an_error()
    {
        using var machine = new TulipMachine(adapter: TulipMachine.HyperV());
        machine.Model.Faults.SromIsSilent = true;
        var error = Assert.Throws<IOException>(() => machine.Run(machine.Instance.AttachAsync(default)));
        Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x01, 0, 0x5E, 1, 2, 3 })]
    public void An_address_that_no_station_can_have_is_an_error(byte[] address)
    {
        var image = new TulipSromBuilder { Direction = 0, Blocks = [TulipSromBuilder.Mii21140], Address = address }.Build();
        using var machine = new TulipMachine(adapter: TulipMachine.HyperV() with { Srom = image });
        var error = Assert.Throws<IOException>(() => machine.Run(machine.Instance.AttachAsync(default)));
        Assert.Contains("no station", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_media_table_is_told_and_the_PHY_found_by_searching()
    {
        var image = new TulipSromBuilder { Leaf = 200, Blocks = [TulipSromBuilder.Mii21143] }.Build();
        using var machine = TulipMachine.Started(adapter: TulipMachine.Qemu() with { Srom = image, PhyAddress = 17 });
        Assert.Contains(machine.Log.Warnings, warning => warning.Contains("200", StringComparison.Ordinal));
        Assert.Equal("MII PHY 17", machine.Adapter.MediumName);
    }

    [Fact]
    public void Everything_is_freed_when_it_is_detached()
    {
        var machine = new TulipMachine(adapter: TulipMachine.HyperV());
        var before = machine.Memory.PageCount;
        machine.Start();
        Assert.True(machine.Memory.PageCount > before);
        machine.Model.Deliver(machine.ToMe(100));
        machine.Settle();
        machine.Run(machine.Instance.DetachAsync(default));
        Assert.Equal(before, machine.Memory.PageCount);
        Assert.Empty(machine.Adapters);
        Assert.Equal(0u, machine.Model[6] & 0x2002);
        Assert.False(machine.Model.Interrupt.IsConnected);
        Assert.False(machine.Clock.RunNext(), "A timer is left.");
        machine.AssertClean();
        machine.Dispose();
    }

    [Fact]
    public void Memory_of_frames_that_are_out_lives_until_they_are_back()
    {
        var machine = new TulipMachine();
        var before = machine.Memory.PageCount;
        machine.Start();
        Assert.True(machine.Adapter.TryRent(out var mine));
        machine.Model.Deliver(machine.ToMe(100));
        machine.Settle();
        var batch = new Frame[4];
        Assert.Equal(1, machine.Run(machine.Adapter.ReceiveAsync(batch)));
        machine.Run(machine.Instance.DetachAsync(default));
        mine.Length = 60;
        mine.Data.Fill(7);
        Assert.Equal(100, batch[0].Data.Length);
        mine.Release();
        batch[0].Release();
        Assert.Equal(before, machine.Memory.PageCount);
        Assert.Throws<InvalidOperationException>(mine.Release);
        machine.Dispose();
    }
}
