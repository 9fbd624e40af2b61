using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>A host that does what no honest one does (protocol 10.6, 10.11).</summary>
public sealed class HostileNetworkTests
{
    public static TheoryData<NetworkFault> AllFaults => [.. Enum.GetValues<NetworkFault>()];

    [Theory]
    [MemberData(nameof(AllFaults))]
    public void One_fault_harms_nothing_else(NetworkFault fault)
    {
        using var machine = NetworkMachine.Started(processors: 2);
        machine.AssertEchoes();
        for (var i = 0; i < 3; i++)
            machine.Provider.Commit(fault);
        machine.Settle();
        foreach (var (data, _) in machine.TakeReceived())
            Assert.True(data.Length >= 14);
        machine.AssertSound();
        machine.AssertEchoes();
        machine.DetachAll();
        machine.AssertNothingLeft();
    }

    [Theory]
    [InlineData(NetworkFault.RangeBeyond, "receive: bad ranges")]
    [InlineData(NetworkFault.RangeWraps, "receive: bad ranges")]
    [InlineData(NetworkFault.RangeLong, "receive: bad ranges")]
    [InlineData(NetworkFault.MessageLong, "receive: bad messages")]
    [InlineData(NetworkFault.DataOffset, "receive: bad messages")]
    [InlineData(NetworkFault.Runt, "receive: bad messages")]
    [InlineData(NetworkFault.InfoSizeZero, "receive: bad packet information")]
    [InlineData(NetworkFault.InfoDataOffset, "receive: bad packet information")]
    [InlineData(NetworkFault.WrongSet, "receive: bad packets")]
    [InlineData(NetworkFault.QueryUnknown, "control: answers that nobody waits for")]
    [InlineData(NetworkFault.TableCount, "control: bad or unknown host messages")]
    public void A_fault_is_counted_by_its_name(NetworkFault fault, string counter)
    {
        using var machine = NetworkMachine.Started();
        machine.Provider.Commit(fault);
        machine.Settle();
        Assert.Equal(1, machine.Adapter.Counters.Single(one => one.Name == counter).Value);
    }

    [Theory]
    [InlineData(12, 1550, "receive: too long")]
    [InlineData(32, 513, "receive: bad packet information")]
    public void A_frame_or_packet_information_that_is_longer_than_any_can_be_is_not_taken(int offset, int length, string counter)
    {
        using var machine = NetworkMachine.Started();
        machine.Provider.Mangle = (name, bytes) =>
        {
            if (name == "rndis 1")
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(28), 36u);
                BitConverter.TryWriteBytes(bytes.AsSpan(offset), length);
            }

            return bytes;
        };
        machine.Inject(Frames.Random(machine.Random, 100, new MacAddress(Frames.Peer), machine.Adapter.Address.Value));
        machine.Settle();
        Assert.Equal(1, machine.Adapter.Counters.Single(one => one.Name == counter).Value);
        Assert.Empty(machine.TakeReceived());
        Assert.Equal((2u, 0), (machine.Provider.CompletionStatuses[^1], machine.Provider.Outstanding));
        machine.Provider.Mangle = null;
        machine.AssertEchoes();
        machine.AssertClean();
    }

    [Fact]
    public void A_bad_range_is_completed_with_failure_and_the_good_one_beside_it_is_received()
    {
        using var machine = NetworkMachine.Started();
        machine.Provider.Commit(NetworkFault.RangeMixed);
        machine.Settle();
        Assert.Equal(2u, machine.Provider.CompletionStatuses[^1]);
        Assert.Single(machine.TakeReceived());
        Assert.Equal(0, machine.Provider.Outstanding);
    }

    [Fact]
    public void Answers_that_are_noise_never_hang_or_break_anything()
    {
        for (var seed = Seeds.First; seed < Seeds.First + 300; seed++)
        {
            using var machine = new NetworkMachine(seed: seed, processors: 2);
            var random = new Random(seed);
            machine.Provider.Mangle = (_, bytes) => random.Next(12) switch
            {
                0 => null,
                1 => bytes[..random.Next(bytes.Length)],
                2 or 3 => Spoilt(random, bytes),
                _ => bytes,
            };
            machine.Connect();
            if (machine.Adapters is [var device, ..])
            {
                machine.Echoes = true;
                for (var i = 0; i < 8; i++)
                {
                    if (device.TryRent(out var frame))
                        _ = device.SendAsync(NetworkMachine.Fill(frame, Frames.Random(random, 300, device.Address))).AsTask();
                    machine.Provider.Commit((NetworkFault)random.Next((int)NetworkFault.ResetComplete + 1));
                    machine.Settle();
                }

                machine.Run(device.QuiesceAsync());
                machine.Run(device.ResumeAsync());
                foreach (var (data, _) in machine.TakeReceived())
                    Assert.InRange(data.Length, 14, 1514 + 64);
            }

            machine.DetachAll();
            machine.RunUntil(() => machine.Busy == 0);
            machine.AssertSound();
        }
    }

    [Fact]
    public void Rings_that_are_noise_never_hang_or_break_anything()
    {
        foreach (var kind in Enum.GetValues<PacketFaultKind>())
        {
            for (var skip = 0; skip < 24; skip += 3)
            {
                using var machine = new NetworkMachine(seed: Seeds.First + skip);
                machine.Host.Faults.Add(new PacketFault(kind) { Skip = skip });
                machine.Connect();
                machine.Echoes = true;
                if (machine.Adapters is [var device, ..])
                {
                    for (var i = 0; i < 8 && device.TryRent(out var frame); i++)
                        _ = device.SendAsync(NetworkMachine.Fill(frame, Frames.Random(machine.Random, 300, device.Address))).AsTask();
                    machine.Clock.Advance(TimeSpan.FromSeconds(1));
                }

                machine.DetachAll();
                machine.RunUntil(() => machine.Busy == 0);
                Assert.Empty(machine.Memory.Violations);
            }
        }
    }

    [Fact]
    public void Parsers_take_any_bytes()
    {
        var random = new Random(Seeds.First);
        var table = new byte[16];
        for (var i = 0; i < 200_000; i++)
        {
            var bytes = new byte[random.Next(160)];
            random.NextBytes(bytes);
            for (var word = 0; word + 4 <= bytes.Length; word += 4)
            {
                if (random.Next(3) != 0)
                    BitConverter.TryWriteBytes(bytes.AsSpan(word), random.Next(4) == 0 ? 0xFFFF_FFFF - (uint)random.Next(64) : (uint)random.Next(64));
            }

            NvspAnswers.TryReadInit(bytes, out _);
            if (NvspAnswers.ReadReceiveBuffer(bytes, 4096, out var size, out var count) is null)
                Assert.InRange((long)size * count, 68, 4096);
            if (NvspAnswers.ReadSendBuffer(bytes, 4096, out var section) is null && section != 0)
                Assert.InRange(section, 68, 4096);
            if (NvspAnswers.TryReadSubchannels(bytes, 3, out var granted))
                Assert.InRange(granted, 0, 3);
            if (NvspAnswers.TryReadSendTable(bytes, NvspVersion.NewestFirst[random.Next(6)], 4, table))
                Assert.All(table, entry => Assert.InRange(entry, 0, 3));
            if (RndisAnswers.TryReadHeader(bytes, out var header))
                Assert.InRange(header.Length, 8u, (uint)bytes.Length);
            RndisAnswers.TryReadStatus(bytes, out _, out _);
            RndisAnswers.TryReadValue(bytes, out _);
            PacketInfo.TryRead(bytes, out _);
            if (FrameHeaders.TryRead(bytes, out var headers) && headers.HasTcp(bytes))
                headers.Prepare(bytes, isLargeSend: random.Next(2) == 0);
            FrameHeaders.FlowOf(bytes);
            if (bytes.Length >= RndisPacket.Size && PacketLayout.TryRead(MemoryMarshal.Read<RndisPacket>(bytes), bytes.Length, out var layout))
            {
                Assert.InRange(layout.DataOffset + layout.DataLength, 58, bytes.Length);
                Assert.InRange(layout.InfoOffset + layout.InfoLength, 0, bytes.Length);
            }
        }
    }

    private static byte[] Spoilt(Random random, byte[] bytes)
    {
        var spoilt = bytes.ToArray();
        if (spoilt.Length < 4)
            return spoilt;
        var value = random.Next(3) switch { 0 => 0xFFFF_FFFFu, 1 => (uint)random.Next(100), _ => (uint)random.Next() };
        BitConverter.TryWriteBytes(spoilt.AsSpan(random.Next(spoilt.Length / 4) * 4), value);
        return spoilt;
    }
}
