using GuestOS.Machine.Network;
using GuestOS.Sandbox.Tulip;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

public sealed class MediaTests
{
    private const uint FullDuplex = 1 << 9;
    private const uint TenMegabit = 1 << 22;

    [Fact]
    public void A_cable_that_is_pulled_and_put_back_is_told()
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV());
        var changes = new List<LinkStatus>();
        machine.Adapter.LinkChanged += changes.Add;
        machine.Model.Phy.LinkIsUp = false;
        machine.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal([LinkStatus.Down], changes);
        machine.Model.Phy.LinkIsUp = true;
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([LinkStatus.Down, new LinkStatus(true, 100, true)], changes);
        Assert.Equal(2, machine.Adapter.RawCounters.LinkChanges);
        Assert.Equal(2, machine.Adapter.Counters.Single(counter => counter.Name == "link changes").Value);
        Assert.Distinct(machine.Adapter.Counters.Select(counter => counter.Name));
        machine.AssertClean();
    }

    [Theory]
    [InlineData(0x0021, 10, false)]
    [InlineData(0x0061, 10, true)]
    [InlineData(0x0081, 100, false)]
    [InlineData(0x01E1, 100, true)]
    public void Another_partner_changes_speed_and_duplex(int ability, int speed, bool isFull)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV());
        machine.Model.Phy.LinkIsUp = false;
        machine.Clock.Advance(TimeSpan.FromSeconds(3));
        machine.Model.Phy.PartnerAbility = (ushort)ability;
        machine.Model.Phy.LinkIsUp = true;
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new LinkStatus(true, speed, isFull), machine.Adapter.Link);
        Assert.Equal(isFull, (machine.Model[6] & FullDuplex) != 0);
        Assert.Equal(speed == 10, (machine.Model[6] & TenMegabit) != 0);
        machine.Run(machine.SendAsync(machine.Bytes(100)));
        Assert.True(machine.Model.Deliver(machine.ToMe(100)));
        machine.Settle();
        Assert.Single(machine.Wire);
        Assert.Single(machine.TakeReceived());
        machine.AssertClean();
    }

    [Fact]
    public void A_PHY_that_is_off_is_switched_on_and_negotiates()
    {
        using var machine = new TulipMachine(adapter: TulipMachine.HyperV());
        machine.Model.Phy.Registers[0] = 0x0C00;
        machine.Model.Phy.Registers[4] = 0;
        machine.Start();
        Assert.Equal(0x1000, machine.Model.Phy.Registers[0] & 0x1C00);
        Assert.Equal(0x01E1, machine.Model.Phy.Registers[4]);
        Assert.True(machine.Adapter.Link.IsUp);
    }

    [Fact]
    public void Pins_of_the_21140_are_set_as_the_ROM_says()
    {
        byte[] reset = [0x84, 0x05, 0x02, 0x0A, 0x0B];
        byte[] mii = [0x8F, 0x01, 0x01, 0x02, 0x05, 0x06, 0x01, 0x09, 0x00, 0x78, 0xE0, 0x01, 0x00, 0x50, 0x00, 0x18];
        var srom = new TulipSromBuilder { Direction = 0x1F, Blocks = [reset, mii] }.Build();
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV() with { Srom = srom });
        Assert.Equal([0x11Fu, 0x0A, 0x0B, 0x09, 0x05, 0x06], machine.Model.GeneralPurposeWrites.Take(6));
        machine.AssertClean();
    }

    [Fact]
    public void Without_a_PHY_the_21140_senses_its_media_on_its_pins()
    {
        // Link bit of 100BASE-TX on pin 3, inverted; of 10BASE-T on pin 7.
        byte[] hundred = [0x85, 0x00, 0x03, 0x11, 0xF7, 0x00];
        byte[] ten = [0x85, 0x00, 0x00, 0x22, 0x0E, 0x00];
        var srom = new TulipSromBuilder { Direction = 0x3F, Blocks = [ten, hundred] }.Build();
        using var machine = new TulipMachine(adapter: TulipMachine.HyperV() with { Srom = srom, PhyAddress = null });
        machine.Model.Csr12Input = 0x88;
        machine.Start();
        Assert.Equal("HundredBaseTx", machine.Adapter.MediumName);
        Assert.False(machine.Adapter.Link.IsUp);
        machine.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("TenBaseT", machine.Adapter.MediumName);
        Assert.Equal(new LinkStatus(true, 10), machine.Adapter.Link);
        Assert.Contains(0x22u, machine.Model.GeneralPurposeWrites);
        Assert.Equal(0u, machine.Model[6] & (1 << 18));
        machine.Model.Csr12Input = 0;
        machine.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(new LinkStatus(true, 100), machine.Adapter.Link);
        Assert.Equal(0x01C4_0000u, machine.Model[6] & 0x01C4_0000);
        machine.AssertClean();
    }

    [Fact]
    public void The_21143s_own_transceiver_is_set_up_and_its_link_watched()
    {
        byte[] ten = [0x86, 0x02, 0x00, 0x34, 0x08, 0x12, 0x00];
        var srom = new TulipSromBuilder { Medium = 0, Blocks = [ten] }.Build();
        using var machine = new TulipMachine(adapter: TulipMachine.Qemu() with { Srom = srom, PhyAddress = null });
        machine.Model.Csr12Input = 0x02;
        machine.Start();
        Assert.Equal("TenBaseT", machine.Adapter.MediumName);
        Assert.Equal(new LinkStatus(true, 10), machine.Adapter.Link);
        Assert.Equal(0x0001u, machine.Model[13]);
        Assert.Equal(0x7F3Fu, machine.Model[14]);
        Assert.Equal(0x0008u, machine.Model[15] & 0xFFFF);
        Assert.Equal([0x0834u, 0x0012u], machine.Model.GeneralPurposeWrites.TakeLast(2));
        Assert.Equal(0x1010u, machine.Model[7] & 0x1010);
        machine.Model.Csr12Input = 0x06;
        machine.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.False(machine.Adapter.Link.IsUp);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(1, "TenBase2", 0x06, 0x0009, 0x0705, 0x0006, false)]
    [InlineData(2, "Aui", 0x06, 0x0009, 0x0705, 0x000E, false)]
    [InlineData(4, "TenBaseTFullDuplex", 0x02, 0x0001, 0x7F3D, 0x0008, true)]
    public void The_transceiver_is_set_up_for_the_medium_that_the_ROM_names(byte code, string name, byte status, int csr13, int csr14, int csr15, bool isFull)
    {
        byte[] block = [0x86, 0x02, code, 0x34, 0x08, 0x12, 0x00];
        var srom = new TulipSromBuilder { Medium = code, Blocks = [block] }.Build();
        using var machine = new TulipMachine(adapter: TulipMachine.Qemu() with { Srom = srom, PhyAddress = null });

        // No link pulses: coaxial cable has none.
        machine.Model.Csr12Input = status;
        machine.Start();
        Assert.Equal((name, new LinkStatus(true, 10, isFull)), (machine.Adapter.MediumName, machine.Adapter.Link));
        Assert.Equal(((uint)csr13, (uint)csr14, (uint)csr15), (machine.Model[13], machine.Model[14], machine.Model[15] & 0xFFFF));
        machine.AssertClean();
    }

    [Fact]
    public void Media_are_tried_from_the_fastest_to_the_one_whose_link_cannot_be_seen()
    {
        byte[] coaxial = [0x86, 0x02, 0x01, 0x34, 0x08, 0x12, 0x00];
        byte[] aui = [0x86, 0x02, 0x02, 0x34, 0x08, 0x12, 0x00];
        byte[] ten = [0x86, 0x02, 0x04, 0x34, 0x08, 0x12, 0x00];
        byte[] hundred = [0x88, 0x04, 0x05, 0x56, 0x08, 0x78, 0x00, 0x61, 0x00];
        var srom = new TulipSromBuilder { Blocks = [aui, coaxial, ten, hundred] }.Build();
        using var machine = new TulipMachine(adapter: TulipMachine.Qemu() with { Srom = srom, PhyAddress = null });
        machine.Model.Csr12Input = 0x06;
        machine.Start();
        var names = new List<string> { machine.Adapter.MediumName };
        for (var i = 0; i < 300; i++)
        {
            machine.Clock.Advance(TimeSpan.FromMilliseconds(100));
            if (machine.Adapter.MediumName != names[^1])
                names.Add(machine.Adapter.MediumName);
        }

        Assert.Equal(["HundredBaseTxFullDuplex", "TenBaseTFullDuplex", "TenBase2"], names);
        Assert.Equal(new LinkStatus(true, 10), machine.Adapter.Link);
        machine.AssertClean();
    }

    [Fact]
    public void Options_that_are_none_are_said_and_left_out()
    {
        using var machine = TulipMachine.Started(options: [("window", "disk"), ("speed", "1")]);
        Assert.Contains("option tulip.window=disk: it takes memory or ports; ports is used", machine.Log.Warnings);
        Assert.Contains("unknown option tulip.speed=1", machine.Log.Warnings);
    }

    [Fact]
    public void The_21143s_symbol_port_is_set_up_and_left_for_the_transceiver_while_it_has_no_link()
    {
        byte[] ten = [0x86, 0x02, 0x00, 0x34, 0x08, 0x12, 0x00];
        byte[] hundred = [0x88, 0x04, 0x03, 0x56, 0x08, 0x78, 0x00, 0x61, 0x00];
        var srom = new TulipSromBuilder { Blocks = [ten, hundred] }.Build();
        using var machine = new TulipMachine(adapter: TulipMachine.Qemu() with { Srom = srom, PhyAddress = null });

        // Link pulses at 100 Mbit/s, none at 10.
        machine.Model.Csr12Input = 0x04;
        machine.Start();
        Assert.Equal("HundredBaseTx", machine.Adapter.MediumName);
        Assert.Equal(new LinkStatus(true, 100), machine.Adapter.Link);
        Assert.Equal((0u, 0u), (machine.Model[13] & 0xFFFF, machine.Model[14] & 0xFFFF));
        Assert.Equal([0x0856u, 0x0078u], machine.Model.GeneralPurposeWrites.TakeLast(2));
        Assert.Equal(0x018C_0000u, machine.Model[6] & 0x01CC_0000);

        // The other way round: the transceiver, then back.
        machine.Model.Csr12Input = 0x02;
        machine.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(("TenBaseT", new LinkStatus(true, 10)), (machine.Adapter.MediumName, machine.Adapter.Link));
        Assert.Equal(0x0001u, machine.Model[13]);
        machine.Model.Csr12Input = 0x04;
        machine.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(("HundredBaseTx", new LinkStatus(true, 100)), (machine.Adapter.MediumName, machine.Adapter.Link));
        Assert.Equal(0u, machine.Model[13] & 0xFFFF);
        machine.AssertClean();
    }

    [Fact]
    public void An_adapter_that_tells_nothing_is_used_as_it_is()
    {
        var srom = new TulipSromBuilder { Leaf = 0 }.Build();
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV() with { Srom = srom, PhyAddress = null });
        Assert.True(machine.Adapter.Link.IsUp);
        Assert.Contains(machine.Log.Warnings, line => line.Contains("how the adapter is connected", StringComparison.Ordinal));
        machine.Run(machine.SendAsync(machine.Bytes(100)));
        machine.Settle();
        Assert.Single(machine.Wire);
    }
}
