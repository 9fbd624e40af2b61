using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

public sealed class NegotiationTests
{
    private static readonly uint[] All = [0x6_0001, 0x6_0000, 0x5_0000, 0x4_0000, 0x3_0002, 0x2];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Every_version_is_found_and_works(int index)
    {
        using var machine = NetworkMachine.Started(new NetworkOptions { Versions = [All[index]] }, processors: 2);
        Assert.Equal(All[..(index + 1)], machine.Provider.VersionRequests);
        Assert.Equal(All[index], machine.Provider.Version);
        Assert.Equal((6u, index <= 2 ? 30u : 1u), machine.Provider.Ndis);
        var hasConfig = index < 5;
        Assert.Equal(hasConfig ? 1514u : 0, machine.Provider.Config.Mtu);
        Assert.Equal(!hasConfig ? 0ul : index <= 2 ? 0x28ul : 8ul, machine.Provider.Config.Capabilities);
        Assert.Equal(NetworkStage.Running, machine.Provider.Stage);
        Assert.Equal(index <= 2 ? 2 : 1, machine.Provider.OpenChannels);
        Assert.Equal(9u, machine.Provider.Filter);
        Assert.Equal(index <= 2 ? 28 : 22, machine.Provider.Offloads.Length);
        Assert.Equal(new MacAddress(machine.Provider.Options.Address), machine.Adapter.Address);
        Assert.Equal(1500, machine.Adapter.Mtu);
        Assert.Equal(new LinkStatus(true, index <= 2 ? 10_000 : 0, true), machine.Adapter.Link);
        machine.AssertEchoes();
        machine.DetachAll();
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    [Fact]
    public void A_host_that_takes_no_version_is_left_with_all_of_them_named()
    {
        using var machine = new NetworkMachine(new NetworkOptions { Versions = [] });
        machine.Connect();
        Assert.Contains("6.1, 6, 5, 4, 2, 1", Assert.Single(machine.Failures));
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    [Fact]
    public void Old_hosts_get_their_buffers_back_before_the_channel_is_closed()
    {
        using var machine = NetworkMachine.Started(host: new VmBusHostOptions { HighestVersion = VmBusVersion.V3_0 });
        machine.AssertEchoes();
        machine.DetachAll();
        var names = machine.Host.Trace.ToString();
        Assert.True(names.IndexOf("GpadlTeardown", StringComparison.Ordinal) < names.IndexOf("CloseChannel", StringComparison.Ordinal));
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    [Fact]
    public void Without_a_send_buffer_frames_are_read_where_they_are()
    {
        using var machine = NetworkMachine.Started(new NetworkOptions { TakesSendBuffer = false });
        machine.AssertEchoes();
        Assert.Equal(0, Assert.Single(machine.Provider.GuestFrames).InSection);
        machine.DetachAll();
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    [Theory]
    [InlineData("nvsp 66", 4, 2u, "status Failure")]
    [InlineData("nvsp 66", 8, 2u, "2 sections")]
    [InlineData("nvsp 66", 16, 8u, "sub-allocations of 8 bytes")]
    [InlineData("nvsp 66", 20, 0u, "0 sub-allocations")]
    [InlineData("nvsp 66", 20, 0xFFFF_FFFFu, "4294967295 sub-allocations")]
    [InlineData("nvsp 69", 8, 4u, "sections of 4 bytes")]
    [InlineData("nvsp 69", 8, 0xFFFF_FFFFu, "sections of 4294967295 bytes")]
    [InlineData("rndis 80000002", 12, 0xC000_0001u, "refused INITIALIZE")]
    [InlineData("rndis 80000002", 32, 0u, "no packet in a message")]
    [InlineData("rndis 80000002", 36, 20u, "transfers of 20 bytes")]
    [InlineData("rndis 80000002", 40, 31u, "alignment factor of 31")]
    [InlineData("rndis 80000002", 8, 77u, "did not answer INITIALIZE")]
    public void What_cannot_be_is_refused_with_its_name(string message, int offset, uint value, string expected)
    {
        using var machine = new NetworkMachine();
        machine.Provider.Mangle = (name, bytes) =>
        {
            if (name == message)
                BitConverter.TryWriteBytes(bytes.AsSpan(offset), value);
            return bytes;
        };
        machine.Connect();
        Assert.Contains(expected, Assert.Single(machine.Failures));
        machine.AssertSound();
        machine.AssertNothingLeft();
    }

    [Theory]
    [InlineData("nvsp 2")]
    [InlineData("nvsp 66")]
    [InlineData("nvsp 69")]
    [InlineData("rndis 80000002")]
    [InlineData("rndis 80000004")]
    public void A_host_that_does_not_answer_is_given_up(string message)
    {
        using var machine = new NetworkMachine();
        machine.Provider.Mangle = (name, bytes) => name == message ? null : bytes;
        machine.Connect();
        Assert.Single(machine.Failures);
        Assert.Empty(machine.Adapters);
        machine.AssertSound();
    }

    [Theory]
    [InlineData(0x0100_5E00_0001ul)]
    [InlineData(0ul)]
    [InlineData(0xFFFF_FFFF_FFFFul)]
    public void An_address_that_is_no_stations_is_refused(ulong address)
    {
        using var machine = new NetworkMachine(new NetworkOptions { Address = address });
        machine.Connect();
        Assert.Contains("no station's", Assert.Single(machine.Failures));
        machine.AssertNothingLeft();
    }

    [Fact]
    public void The_smaller_mtu_wins()
    {
        using var machine = NetworkMachine.Started(new NetworkOptions { Mtu = 4000 }, options: ("mtu", "9000"));
        Assert.Equal(9014u, machine.Provider.Config.Mtu);
        Assert.Equal(4000, machine.Adapter.Mtu);
        machine.AssertEchoes(4014);
        machine.AssertClean();
    }

    [Fact]
    public void Options_that_cannot_be_are_warned_of()
    {
        using var machine = NetworkMachine.Started(null, 1, 1, null, ("mtu", "70000"), ("copy", "x"), ("colour", "red"));
        var text = string.Join('\n', machine.Log.Lines.Select(line => line.Text));
        Assert.Contains("netvsc.mtu=70000: it takes 68 to 9202; 1500 is used", text);
        Assert.Contains("netvsc.copy=x", text);
        Assert.Contains("unknown option netvsc.colour=red", text);
        machine.AssertEchoes();
    }
}
