using System.Buffers.Binary;
using System.Text;
using GuestOS.Sandbox.Integration;
using GuestOS.Sandbox.VmBus;
using GuestOS.Services.Protocol;
using Xunit;

namespace GuestOS.Sandbox.Tests.Integration;

public sealed class ServiceTests : IntegrationTest
{
    /// <summary>Protocol 11.6.</summary>
    [Fact]
    public void The_worked_example_of_a_heartbeat()
    {
        var provider = new HeartbeatProvider();
        StartReady(provider, 3);
        for (ulong beat = 1; beat <= 40; beat++)
        {
            var request = Hear();
            Assert.Equal(beat, BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(28)));
            Answer(request, 0, [.. BitConverter.GetBytes(beat + 1), 0, 0, 0, 0]);
            Clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(
            Hex.Parse("01 00 00 00 3c 00 00 00 03 00 00 00 01 00 03 00 00 00 28 00 00 00 00 00 00 03 00 00 29 00 00 00", 68),
            Hear());
        Say(Hex.Parse("01 00 00 00 3c 00 00 00 03 00 00 00 01 00 03 00 00 00 28 00 00 00 00 00 00 05 00 00 2a 00 00 00 00 00 00 00 01", 68));
        Assert.Equal((41, 0, ApplicationState.Healthy), (provider.Beats, provider.Missed, provider.Application));
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void Heartbeats_that_are_not_answered_are_missed()
    {
        var provider = new HeartbeatProvider { BodyLength = 16 };
        StartReady(provider, 3);
        var request = Hear();
        Assert.Equal(28 + 16, request.Length);
        Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((0, 3), (provider.Beats, provider.Missed));
        Assert.Null(TryHear());
        Answer(request, 0, BitConverter.GetBytes(1UL));
        Assert.Equal((0, 4), (provider.Beats, provider.Missed));
        Assert.Single(Host.GuestErrors);
        Clock.Advance(TimeSpan.FromSeconds(2));
        Answer(Hear(), 0, BitConverter.GetBytes(3UL));
        Assert.Equal((1, 0), (provider.Beats, provider.Missed));
        Clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(1, provider.TimedOut);
    }

    [Fact]
    public void A_shutdown_request_is_laid_out_as_in_4_3()
    {
        var provider = new ShutdownProvider();
        StartReady(provider, 3, 2);
        var call = provider.Shutdown(ShutdownFlags.Restart | ShutdownFlags.Force, TimeSpan.FromSeconds(90), "Grüße");
        Settle();
        var request = Hear();
        Assert.Equal(28 + 12 + 2048, request.Length);
        Assert.Equal(Hex.Parse("03 00 00 00 03 00 03 00 02 00 0c 08 00 00 00 00 00 03 00 00"), request[8..28]);
        Assert.Equal(Hex.Parse("00 00 00 80 5a 00 00 00 03 00 00 00"), request[28..40]);
        Assert.Equal("Grüße", Encoding.Unicode.GetString(request[40..50]));
        Clock.Advance(TimeSpan.FromSeconds(2));
        Answer(request, 0x80004005, default);
        Assert.Equal((true, IcStatus.Fail, TimeSpan.FromSeconds(2)), (call.IsDone, call.Status, call.Took));
    }

    [Fact]
    public void Requests_go_one_after_another_and_time_out()
    {
        var provider = new ShutdownProvider(new IntegrationOptions { Timeout = TimeSpan.FromSeconds(10) });
        StartReady(provider, 1);
        var first = provider.Shutdown(ShutdownFlags.None);
        var second = provider.Shutdown(ShutdownFlags.Force, withText: false);
        Settle();
        Hear();
        Assert.Null(TryHear());
        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((true, null, 1), (first.IsDone, first.Status, provider.TimedOut));
        Assert.Equal(40, Hear().Length);
        Assert.False(second.IsDone);
        Host.Rescind(Host.Channels[0]);
        Settle();
        Assert.Equal((true, null, IntegrationState.Closed), (second.IsDone, second.Status, provider.State));
    }

    [Fact]
    public void Time_comes_once_to_set_and_then_in_samples()
    {
        var provider = new TimeSyncProvider(() => Guest.Partition.ReferenceTime) { Transit = TimeSpan.FromMilliseconds(1) };
        StartReady(provider, 4);
        var request = Hear();
        Assert.Equal((28 + 22, 1, 1), (request.Length, request[44], request[46]));
        // 2024-01-01 UTC, less the transit: 133,485,408,000,000,000 units since 1601.
        Assert.Equal(133_485_408_000_000_000UL - 10_000, BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(28)));
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(36)));
        Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Null(TryHear());
        Answer(request, 0, default);
        Clock.Advance(TimeSpan.FromSeconds(4));
        request = Hear();
        Assert.Equal(2, request[44]);
        Assert.Equal((10_0000000UL - 10_000), BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(36)));
        Answer(request, 0, default);
        Assert.Equal(2, provider.Answered);
    }

    [Fact]
    public void Old_time_messages_have_a_round_trip()
    {
        var provider = new TimeSyncProvider(static () => 0) { Transit = TimeSpan.FromMilliseconds(1), Ahead = TimeSpan.FromDays(1) };
        StartReady(provider, 3);
        var request = Hear();
        Assert.Equal(28 + 28, request.Length);
        Assert.Equal(133_485_408_000_000_000UL + 864_000_000_000 - 10_000, BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(28)));
        Assert.Equal((20_000UL, 1), (BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(44)), request[52]));
    }

    [Fact]
    public void Keys_are_set_and_read_at_their_places()
    {
        var provider = new KvpProvider();
        StartReady(provider, 4);
        provider.Set(KvpPool.External, "Schlüssel", "Wert");
        Settle();
        var request = Hear();
        Assert.Equal((1, 0, 1u, 20u, 10u), (request[28], request[29], Word(request, 32), Word(request, 36), Word(request, 40)));
        Assert.Equal("Schlüssel\0", Encoding.Unicode.GetString(request.AsSpan(44, 20)));
        Assert.Equal("Wert\0", Encoding.Unicode.GetString(request.AsSpan(556, 10)));
        Assert.Equal(32 + 2572, request.Length);
        Answer(request, 0, default);

        var number = provider.Get(KvpPool.Guest, "n");
        Settle();
        request = Hear();
        Assert.Equal((0, 1), (request[28], request[29]));
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(32), 11);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(40), 8);
        BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(556), ulong.MaxValue);
        Answer(request, 0, default);
        Assert.Equal(new KvpItem("n", KvpValueType.UInt64Registry, "18446744073709551615"), KvpProvider.ItemOf(number));

        var delete = provider.Delete(KvpPool.External, "k");
        Settle();
        request = Hear();
        Assert.Equal((2, 4u, 'k'), (request[28], Word(request, 32), (char)request[36]));
        Answer(request, 0x80041002, default);
        Assert.Equal(IcStatus.NotFound, delete.Status);
        Assert.Null(KvpProvider.ItemOf(delete));
    }

    [Fact]
    public void A_pool_is_enumerated_to_its_end()
    {
        var provider = new KvpProvider();
        StartReady(provider, 4);
        var all = provider.Enumerate(KvpPool.Auto);
        Settle();
        for (uint index = 0; index < 3; index++)
        {
            var request = Hear();
            Assert.Equal((3, 2, index), (request[28], request[29], Word(request, 32)));
            if (index == 2)
            {
                Answer(request, 0x80070103, default);
                break;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(36), 1);
            BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(40), 4);
            BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(44), 4);
            request[48] = (byte)('a' + index);
            request[560] = (byte)('x' + index);
            Answer(request, 0, default);
        }

        Assert.Equal((true, IcStatus.NoMoreItems, 2), (all.IsDone, all.Status, all.Items.Count));
        Assert.Equal(("x", "y", null), (all["a"], all["b"], all["c"]));
    }

    [Theory]
    [InlineData(514u, 4u)]
    [InlineData(4u, 2050u)]
    [InlineData(0xFFFFFFFFu, 4u)]
    [InlineData(3u, 4u)]
    public void Sizes_beyond_their_fields_are_not_believed(uint keySize, uint valueSize)
    {
        var provider = new KvpProvider();
        StartReady(provider, 4);
        var all = provider.Enumerate(KvpPool.Guest);
        Settle();
        var request = Hear();
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(36), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(40), keySize);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(44), valueSize);
        Answer(request, 0, default);
        Assert.True(all.IsDone);
        Assert.Single(Host.GuestErrors);
    }

    [Fact]
    public void Ip_settings_go_both_ways()
    {
        var provider = new KvpProvider();
        StartReady(provider, 4);
        var settings = new KvpIpSettings("00:15:5D:01:02:03", 3, true, "10.0.0.2;fe80::1", "255.0.0.0;64", "10.0.0.1", "10.0.0.9;10.0.0.8");
        provider.SetIp(settings);
        Settle();
        var request = Hear();
        Assert.Equal((5, 7456, 3, 1), (request[28], request.Length, request[286], request[287]));
        Assert.Equal("00:15:5D", Encoding.Unicode.GetString(request.AsSpan(30, 16)));
        Assert.Equal("10.0.0.2", Encoding.Unicode.GetString(request.AsSpan(288, 16)));
        Assert.Equal("255.0.0.0", Encoding.Unicode.GetString(request.AsSpan(2336, 18)));
        Assert.Equal("10.0.0.1", Encoding.Unicode.GetString(request.AsSpan(4384, 16)));
        Assert.Equal("10.0.0.9", Encoding.Unicode.GetString(request.AsSpan(5408, 16)));
        var sent = request;
        Answer(request, 0, default);

        var get = provider.GetIp("00:15:5D:01:02:03");
        Settle();
        request = Hear();
        Assert.Equal(4, request[28]);
        sent.AsSpan(30).CopyTo(request.AsSpan(30));
        Answer(request, 0, default);
        Assert.Equal(settings, KvpProvider.IpOf(get));
    }

    [Fact]
    public void Raw_values_are_sent_as_they_are()
    {
        var provider = new KvpProvider();
        StartReady(provider, 4);
        provider.SendValue((KvpOperation)9, (KvpPool)8, (KvpValueType)7, [1, 2], 0xFFFFFFFF, [3, 4], 0xFFFFFFFE);
        Settle();
        var request = Hear();
        Assert.Equal((9, 8, 7u, 0xFFFFFFFFu, 0xFFFFFFFEu), (request[28], request[29], Word(request, 32), Word(request, 36), Word(request, 40)));
        Assert.Equal(TraceKind.PacketToGuest, Host.Trace.Of(TraceKind.PacketToGuest)[^1].Kind);
    }

    private static uint Word(byte[] message, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(offset));
}
