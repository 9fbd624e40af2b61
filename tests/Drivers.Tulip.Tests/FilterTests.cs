using FsCheck;
using FsCheck.Fluent;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Tulip;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

public sealed class FilterTests
{
    private static readonly MacAddress Own = new(0x0015_5D01_0203);

    private static Arbitrary<MacAddress[]> Groups(int least, int most) => Gen.Choose(0, int.MaxValue)
        .SelectMany(high => Gen.Choose(0, 0xFFFF).Select(low => new MacAddress((((ulong)(uint)high << 17) ^ (uint)low) & 0xFFFF_FFFF_FFFF | 0x0100_0000_0000)))
        .ArrayOf()
        .Where(addresses => addresses.Length >= least && addresses.Length <= most)
        .ToArbitrary();

    [Fact]
    public void A_perfect_frame_passes_what_it_names_and_nothing_else()
    {
        Prop.ForAll(Groups(0, SetupFrame.MostPerfect), Groups(1, 5), (wanted, others) =>
        {
            var frame = new byte[SetupFrame.Size];
            var model = new TulipFilterModel();
            var isHash = SetupFrame.Write(frame, Own, wanted);
            model.Load(frame, isHash);
            return !isHash
                && wanted.Append(Own).Append(MacAddress.Broadcast).All(address => Passes(model, address))
                && others.Except(wanted).All(address => address == MacAddress.Broadcast || !Passes(model, address));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_hash_frame_passes_everything_that_it_names()
    {
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var wanted = Enumerable.Range(0, random.Next(SetupFrame.MostPerfect + 1, 60)).Select(_ => RandomGroup(random)).ToArray();
            var frame = new byte[SetupFrame.Size];
            var model = new TulipFilterModel();
            Assert.True(SetupFrame.Write(frame, Own, wanted));
            model.Load(frame, isHash: true);
            Assert.All(wanted.Append(Own).Append(MacAddress.Broadcast), address => Assert.True(Passes(model, address)));
            Assert.False(Passes(model, new MacAddress(Own.Value + 1)));

            // A group address that was not named passes only where a named one has the same hash.
            var other = RandomGroup(random);
            var collides = wanted.Append(MacAddress.Broadcast).Any(address => MulticastHash.IndexOf(address) == MulticastHash.IndexOf(other));
            Assert.Equal(collides, Passes(model, other));
        }
    }

    [Fact]
    public void Broadcast_has_bit_255() => Assert.Equal(255, MulticastHash.IndexOf(MacAddress.Broadcast));

    [Fact]
    public void The_layout_is_that_of_the_manual()
    {
        var frame = new byte[SetupFrame.Size];
        Assert.False(SetupFrame.Write(frame, Own, [new MacAddress(0x0180_C200_000E)]));
        Assert.Equal("01800180C200C200000E000E", Convert.ToHexString(frame, 0, 12));
        Assert.Equal(string.Concat(Enumerable.Repeat("FFFFFFFF", 3)), Convert.ToHexString(frame, 12, 12));
        Assert.Equal("001500155D015D0102030203", Convert.ToHexString(frame, 180, 12));
        Assert.True(SetupFrame.Write(frame, Own, [.. Enumerable.Range(0, 15).Select(i => new MacAddress(0x0100_5E00_0000ul + (uint)i))]));
        Assert.Equal("001500155D015D0102030203", Convert.ToHexString(frame, 156, 12));
        Assert.Equal("00800080", Convert.ToHexString(frame, 15 * 4, 4)[..8]);
    }

    [Theory]
    [InlineData("21140")]
    [InlineData("21143")]
    public void Multicast_lists_are_exact_up_to_fourteen(string kind)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.Of(kind));
        var wanted = Enumerable.Range(0, 14).Select(i => new MacAddress(0x0100_5E00_0100ul + (uint)i)).ToList();
        Assert.True(machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = wanted })).IsSuccess);
        Assert.All(wanted, address => Assert.True(machine.Model.Deliver(machine.Bytes(64, address))));
        Assert.False(machine.Model.Deliver(machine.Bytes(64, new MacAddress(0x0100_5E00_0200))));
        Assert.True(machine.Model.Deliver(machine.ToMe(64)));
        Assert.True(machine.Model.Deliver(machine.Bytes(64, MacAddress.Broadcast)));
        Assert.False(machine.Model.Deliver(machine.Bytes(64, new MacAddress(machine.Adapter.Address.Value ^ 1))));
        Assert.Equal(wanted, machine.Adapter.Filter.Multicast);
        machine.Settle();
        Assert.Equal(16, machine.TakeReceived().Count);
        machine.AssertClean();
    }

    [Fact]
    public void More_of_them_are_hashed()
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV());
        var wanted = Enumerable.Range(0, 40).Select(i => new MacAddress(0x0100_5E00_0100ul + (uint)(i * 37))).ToList();
        Assert.True(machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = wanted })).IsSuccess);
        Assert.True(machine.Model.Filter.IsHash);
        Assert.Equal(0u, machine.Model[6] & 0x80);
        Assert.All(wanted, address => Assert.True(machine.Model.Deliver(machine.Bytes(64, address))));
        Assert.True(machine.Model.Deliver(machine.ToMe(64)));
        Assert.True(machine.Model.Deliver(machine.Bytes(64, MacAddress.Broadcast)));
        Assert.False(machine.Model.Deliver(machine.Bytes(64, new MacAddress(machine.Adapter.Address.Value ^ 1))));
        machine.AssertClean();
    }

    [Fact]
    public void A_chip_that_does_not_hash_receives_all_groups_instead_until_the_list_is_short_again()
    {
        using var machine = TulipMachine.Started();
        var wanted = Enumerable.Range(0, 40).Select(i => new MacAddress(0x0100_5E00_0100ul + (uint)i)).ToList();
        Assert.True(machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = wanted })).IsSuccess);
        Assert.All(wanted, address => Assert.True(machine.Model.Deliver(machine.Bytes(64, address))));
        Assert.NotEqual(0u, machine.Model[6] & 0x80);
        Assert.True(machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = wanted[..3] })).IsSuccess);
        Assert.Equal(0u, machine.Model[6] & 0x80);
        Assert.False(machine.Model.Deliver(machine.Bytes(64, wanted[5])));
    }

    [Fact]
    public void Promiscuous_and_all_multicast_come_and_go()
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV());
        var foreign = new MacAddress(0x0200_0000_0042);
        var group = new MacAddress(0x0100_5E01_0203);
        Assert.Equal((false, false), Try());
        Assert.True(machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Promiscuous = true })).IsSuccess);
        Assert.Equal((true, true), Try());
        Assert.True(machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { AllMulticast = true })).IsSuccess);
        Assert.Equal((false, true), Try());
        Assert.True(machine.Run(machine.Adapter.SetFilterAsync(ReceiveFilter.Station)).IsSuccess);
        Assert.Equal((false, false), Try());
        machine.AssertClean();

        (bool Foreign, bool Group) Try() => (machine.Model.Deliver(machine.Bytes(64, foreign)), machine.Model.Deliver(machine.Bytes(64, group)));
    }

    [Fact]
    public void Filters_asked_for_at_once_end_with_the_last_one_in_force()
    {
        using var machine = TulipMachine.Started();
        var tasks = Enumerable.Range(1, 8).Select(count => machine.Adapter.SetFilterAsync(
            new ReceiveFilter { Multicast = [.. Enumerable.Range(0, count).Select(i => new MacAddress(0x0100_5E00_0000ul + (uint)i))] }).AsTask()).ToArray();
        machine.Run(Task.WhenAll(tasks));
        Assert.All(tasks, task => Assert.True(task.Result.IsSuccess));
        Assert.Equal(10, machine.Model.Filter.Perfect.Count);
        Assert.Equal(8, machine.Adapter.Filter.Multicast.Count);
        machine.AssertClean();
    }

    [Fact]
    public void A_filter_is_set_between_frames_that_are_under_way()
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV());
        var sends = Enumerable.Range(0, 200).Select(_ => machine.SendAsync(machine.Bytes(100))).ToList();
        var filter = machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = [new MacAddress(0x0180_C200_000E)] }).AsTask();
        sends.AddRange(Enumerable.Range(0, 200).Select(_ => machine.SendAsync(machine.Bytes(100))));
        machine.Run(Task.WhenAll(sends.Append(filter)));
        machine.Settle();
        Assert.Equal(400, machine.Wire.Count);
        Assert.True(filter.Result.IsSuccess);
        machine.AssertClean();
    }

    [Fact]
    public void Only_group_addresses_can_be_in_the_list()
    {
        using var machine = TulipMachine.Started();
        var result = machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = [new MacAddress(0x0200_0000_0001)] }));
        Assert.Equal(NetworkErrorKind.InvalidRequest, result.Error?.Kind);
    }

    private static MacAddress RandomGroup(Random random) => new((ulong)random.NextInt64(1L << 48) | 0x0100_0000_0000);

    private static bool Passes(TulipFilterModel model, MacAddress address)
    {
        var frame = new byte[14];
        address.Write(frame);
        return model.Passes(frame, promiscuous: false, allMulticast: false);
    }
}
