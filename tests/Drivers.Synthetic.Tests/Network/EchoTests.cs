using System.Buffers.Binary;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Network;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

public sealed class EchoTests
{
    [Theory]
    [InlineData(14)]
    [InlineData(59)]
    [InlineData(60)]
    [InlineData(1514)]
    public void Frames_of_plain_ethernet_come_back(int length)
    {
        using var machine = NetworkMachine.Started();
        machine.Echoes = true;
        var content = Frames.Random(machine.Random, length, machine.Adapter.Address);
        machine.Send(content);
        var (back, _) = Assert.Single(machine.TakeReceived());
        Assert.Equal(Math.Max(60, length), back.Length);
        Assert.Equal(content[12..], back[12..length]);
        Assert.All(back.Skip(length), one => Assert.Equal(0, one));
        Assert.True(machine.Provider.GuestFrames[0].InSection > 0);
        machine.AssertClean();
    }

    [Theory]
    [InlineData("65536")]
    [InlineData("0")]
    public void Jumbo_frames_come_back_copied_or_not(string copy)
    {
        using var machine = NetworkMachine.Started(options: [("mtu", "9000"), ("copy", copy)]);
        foreach (var length in (int[])[1514, 4096, 6000, 6140, 9014])
            machine.AssertEchoes(length);
        Assert.Equal(copy == "0" ? [0, 0, 0, 0, 0] : [1558, 4140, 6044, 0, 0], machine.Provider.GuestFrames.Select(frame => frame.InSection));
        machine.AssertClean();
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Checksums_are_computed_on_the_way_and_told_on_the_way_back(bool isV6, bool isTcp)
    {
        using var machine = NetworkMachine.Started();
        machine.Echoes = true;
        foreach (var payload in (int[])[0, 1, 100, 1001, 1400])
        {
            var content = Frames.Ip(machine.Random, isV6, isTcp, payload, machine.Adapter.Address);
            machine.Send(content, new FrameOffload { Wanted = (isV6 ? 0 : FrameChecks.IpHeader) | (isTcp ? FrameChecks.Tcp : FrameChecks.Udp) });
            var sent = machine.Wire[^1].Data;
            Assert.Null(Frames.FindBadChecksum(sent));
            Assert.Equal(content[^payload..], sent[(content.Length - payload)..content.Length]);
            var (back, offload) = Assert.Single(machine.TakeReceived());
            Assert.Null(Frames.FindBadChecksum(back));
            Assert.Equal((isV6 ? 0 : FrameChecks.IpHeader) | (isTcp ? FrameChecks.Tcp : FrameChecks.Udp), offload.Good);
            Assert.Equal(FrameChecks.None, offload.Bad);
        }

        machine.AssertClean();
    }

    [Theory]
    [InlineData(false, 60_000, 1460)]
    [InlineData(true, 60_000, 1440)]
    [InlineData(false, 1460, 1460)]
    [InlineData(true, 2000, 537)]
    [InlineData(false, 0xF53C - 54, 1460)]
    public void Large_frames_are_cut_into_good_segments_and_come_back(bool isV6, int payload, int segmentSize)
    {
        using var machine = NetworkMachine.Started();
        using var stack = new LargeFrames(machine.Memory);
        machine.Echoes = true;
        var content = Frames.Ip(machine.Random, isV6, isTcp: true, payload, machine.Adapter.Address);
        var headers = content.Length - payload;
        var transport = headers - 20;
        var sequence = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(transport + 4));
        machine.Run(machine.Adapter.SendAsync(NetworkMachine.Fill(stack.Rent(), content, new FrameOffload { SegmentSize = segmentSize }))).ThrowIfFailed();
        machine.Settle();
        var count = (payload + segmentSize - 1) / segmentSize;
        Assert.Equal(count, machine.Wire.Count);
        var back = machine.TakeReceived();
        Assert.Equal(count, back.Count);
        for (var i = 0; i < count; i++)
        {
            var segment = back[i].Data;
            Assert.Null(Frames.FindBadChecksum(segment));
            Assert.Equal(sequence + (uint)(i * segmentSize), BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(transport + 4)));
            Assert.Equal(i == count - 1 ? 0x18 : 0x10, segment[transport + 13]);
        }

        Assert.Equal(content[headers..], back.SelectMany(one => one.Data[headers..]));
        machine.AssertClean();
    }

    [Fact]
    public void Tags_pass_in_both_directions_beside_the_frame()
    {
        using var machine = NetworkMachine.Started();
        Assert.True(machine.Adapter.Offloads.Vlan);
        machine.Echoes = true;
        foreach (ushort tag in (ushort[])[0x0001, 0xA07B, 0xFFFF, 0x1FFF])
        {
            machine.Send(Frames.Random(machine.Random, 200, machine.Adapter.Address), new FrameOffload { Vlan = tag });
            Assert.Equal(tag, machine.Wire[^1].Vlan);
            Assert.Equal(tag, Assert.Single(machine.TakeReceived()).Offload.Vlan);
        }

        machine.AssertClean();
    }

    [Fact]
    public void What_the_host_does_not_do_is_not_taken()
    {
        using var machine = NetworkMachine.Started(new NetworkOptions { SendChecksums = (0x10, 0), LargeSend = 0 });
        Assert.Equal(default, machine.Adapter.Offloads with { Vlan = false });
        var tcp = Frames.Ip(machine.Random, isV6: false, isTcp: true, 100, machine.Adapter.Address);
        AssertRefused(machine, tcp, new FrameOffload { Wanted = FrameChecks.Tcp });
        AssertRefused(machine, tcp, new FrameOffload { SegmentSize = 1460 });
        AssertRefused(machine, new byte[1515], default);
        AssertRefused(machine, new byte[13], default);
        AssertRefused(machine, new byte[100], new FrameOffload { Wanted = FrameChecks.Udp });
        machine.AssertEchoes();
    }

    [Fact]
    public void Offloads_that_a_frame_cannot_have_are_not_taken()
    {
        using var machine = NetworkMachine.Started();
        AssertRefused(machine, Frames.Ip(machine.Random, isV6: false, isTcp: false, 100, machine.Adapter.Address), new FrameOffload { Wanted = FrameChecks.Tcp });
        AssertRefused(machine, Frames.Ip(machine.Random, isV6: true, isTcp: false, 100, machine.Adapter.Address), new FrameOffload { SegmentSize = 1460 });
        AssertRefused(machine, Frames.Ip(machine.Random, isV6: false, isTcp: true, 100, machine.Adapter.Address), new FrameOffload { Wanted = FrameChecks.Udp });
        AssertRefused(machine, Frames.Random(machine.Random, 100, machine.Adapter.Address), new FrameOffload { Wanted = FrameChecks.Udp });
        machine.AssertEchoes();
        using var old = NetworkMachine.Started(new NetworkOptions { Versions = [2] });
        AssertRefused(old, new byte[100], new FrameOffload { Vlan = 5 });
        old.AssertEchoes();
    }

    [Fact]
    public void A_capture_file_holds_every_frame()
    {
        using var machine = NetworkMachine.Started();
        var file = new MemoryStream();
        using var pcap = new PcapWriter(file, machine.Clock);
        machine.Switch.Tap = pcap.Write;
        var content = Frames.Random(machine.Random, 100, machine.Adapter.Address);
        machine.Send(content, new FrameOffload { Vlan = 5 });
        var bytes = file.ToArray();
        Assert.Equal(Hex.Parse("d4 c3 b2 a1 02 00 04 00 00 00 00 00 00 00 00 00 00 00 04 00 01 00 00 00"), bytes[..24]);
        Assert.Equal(24 + 16 + 104, bytes.Length);
        Assert.Equal((104, 104), (BitConverter.ToInt32(bytes, 32), BitConverter.ToInt32(bytes, 36)));
        Assert.Equal([.. content[..12], 0x81, 0, 0, 5, .. content[12..]], bytes[40..]);
    }

    [Fact]
    public void Two_adapters_talk_through_the_switch()
    {
        using var machine = NetworkMachine.Started();
        var other = new NetworkProvider(machine.Switch, new NetworkOptions { Address = 0x0015_5D00_0002 });
        machine.Host.Offer(other);
        machine.RunUntil(() => machine.Adapters.Count == 2);
        machine.Settle();
        var (first, second) = (machine.Adapters[0], machine.Adapters[1]);
        Assert.Equal(("netvsc0", "netvsc1"), (first.Name, second.Name));
        var content = Frames.Random(machine.Random, 700, first.Address, second.Address.Value);
        Assert.True(first.TryRent(out var frame));
        machine.Run(first.SendAsync(NetworkMachine.Fill(frame, content))).ThrowIfFailed();
        var batch = new Frame[1];
        Assert.Equal(1, machine.Run(second.ReceiveAsync(batch)));
        Assert.Equal(content, batch[0].Data.ToArray());
        batch[0].Release();
        machine.AssertClean();
    }

    private static void AssertRefused(NetworkMachine machine, byte[] content, FrameOffload offload)
    {
        using var frames = new LargeFrames(machine.Memory);
        var result = machine.Run(machine.Adapter.SendAsync(NetworkMachine.Fill(frames.Rent(), content, offload)));
        Assert.Equal(NetworkErrorKind.InvalidRequest, result.Error?.Kind);
        Assert.Equal(1, frames.Free);
    }
}
