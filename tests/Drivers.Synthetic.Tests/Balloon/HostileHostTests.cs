using System.Buffers.Binary;
using GuestOS.Machine.Memory;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

public sealed class HostileHostTests
{
    [Fact]
    public void Messages_shorter_than_they_say_or_than_their_type_are_dropped()
    {
        byte[][] whole =
        [
            ScriptedHost.Message(0, 8), ScriptedHost.VersionResponse(true), ScriptedHost.CapabilitiesResponse(1), ScriptedHost.BalloonRequest(100),
            ScriptedHost.UnballoonRequest(false), ScriptedHost.HotAddRequest(new PageRange(1 << 20, 512)), ScriptedHost.Message(12, 24),
            ScriptedHost.Message(13, 24),
        ];
        foreach (byte[] message in whole)
        {
            var host = ScriptedHost.Agreed();
            for (int length = 0; length < message.Length; length++)
            {
                host.Send(message[..length]);
                byte[] lying = [.. message];
                BinaryPrimitives.WriteUInt16LittleEndian(lying.AsSpan(2), (ushort)length);
                host.Send(lying);
                lying = message[..Math.Max(length, 4)];
                BinaryPrimitives.WriteUInt16LittleEndian(lying.AsSpan(2), ushort.MaxValue);
                host.Send(lying);
            }

            Assert.Equal(3 * message.Length, host.Tally.Malformed);
            Assert.Empty(host.Sent);
            Assert.Empty(host.Changes);
            Assert.Single(host.Lines);
        }
    }

    [Fact]
    public void Types_that_only_guests_send_or_nobody_knows_are_dropped()
    {
        var host = ScriptedHost.Agreed();
        ushort[] types = [1, 3, 5, 7, 9, 11, 14, 15, 0x100, 0xFFFF];
        foreach (ushort type in types)
            host.Send(ScriptedHost.Message(type, 64));
        Assert.Equal(types.Length, host.Tally.Unknown);
        Assert.Empty(host.Sent);
    }

    [Fact]
    public void Requests_before_the_agreement_and_answers_after_it_are_dropped()
    {
        var host = new ScriptedHost();
        host.Client.Start();
        host.Take(1);
        host.Send(ScriptedHost.BalloonRequest(10));
        host.Send(ScriptedHost.UnballoonRequest(false));
        host.Send(ScriptedHost.HotAddRequest(new PageRange(1 << 20, 512)));
        host.Send(ScriptedHost.CapabilitiesResponse(1));
        host.Send(ScriptedHost.Message(13, 24));
        Assert.Equal(5, host.Tally.Untimely);
        host.Send(ScriptedHost.VersionResponse(true));
        host.Take(3);
        host.Send(ScriptedHost.VersionResponse(false));
        host.Send(ScriptedHost.BalloonRequest(10));
        host.Send(ScriptedHost.CapabilitiesResponse(5));
        host.Send(ScriptedHost.CapabilitiesResponse(0));
        Assert.Equal(8, host.Tally.Untimely);
        Assert.True(host.Client.IsReady);
        Assert.Null(host.Client.Failure);
        Assert.Empty(host.Sent);
    }

    [Fact]
    public void Hot_removal_which_was_not_offered_is_answered_with_nothing_removed()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.Message(13, 24));
        byte[] response = host.Take(14);
        Assert.Equal(24, response.Length);
        Assert.Equal(-1, response.AsSpan(8).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void A_page_count_is_a_hint_and_is_taken_only_in_its_size()
    {
        var host = ScriptedHost.Agreed();
        host.Send(Info(kind: 0, size: 8, value: 12345));
        Assert.Equal(12345ul, host.Client.MostPages);
        host.Send(Info(kind: 1, size: 8, value: 6));
        host.Send(Info(kind: 0, size: 4, value: 7));
        host.Send(Info(kind: 0, size: 8, value: 8)[..24] is var cut ? Shortened(cut) : []);
        Assert.Equal(12345ul, host.Client.MostPages);
        Assert.Equal(2, host.Tally.Malformed);
    }

    [Fact]
    public void A_count_of_all_ones_costs_no_more_than_the_memory_has()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.BalloonRequest(uint.MaxValue));
        host.TakeBalloonResponses();
        ulong taken = host.Memory.Taken.Count;
        host.Send(ScriptedHost.UnballoonRequest(false, new PageRange(0, 0xFF_FFFF)));
        host.Take(9);
        Assert.Equal(taken, host.Memory.Taken.Count);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    public void Whatever_bytes_come_no_page_is_lost_and_nothing_is_thrown(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var host = ScriptedHost.Agreed();
        ushort[] types = [0, 2, 4, 6, 6, 8, 8, 10, 12, 13];
        for (int i = 0; i < 5000; i++)
        {
            var message = new byte[random.Next(8) == 0 ? random.Next(0, 12) : random.Next(12, 80)];
            random.NextBytes(message);
            if (message.Length >= 4)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(message, random.Next(10) == 0 ? (ushort)random.Next(20) : types[random.Next(types.Length)]);
                if (random.Next(4) != 0)
                    BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), (ushort)message.Length);
            }

            // Small numbers now and then, so that requests are plausible.
            if (message.Length >= 16 && random.Next(2) == 0)
                BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), (uint)random.Next(9));
            host.Room = random.Next(3);
            host.Client.Receive(message);
            host.Run();
            host.Room = int.MaxValue;
            host.Run();
            host.Sent.Clear();
            if (random.Next(50) == 0)
                host.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(2000)));
            host.Client.Tick();
            DynamicMemoryFigures figures = host.Memory.Read();
            Assert.Equal(figures.Total, figures.Free + figures.Taken);
        }
    }

    private static byte[] Info(uint kind, uint size, ulong value) => ScriptedHost.Message(12, 32, bytes =>
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), 16);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), kind);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), size);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), value);
    });

    private static byte[] Shortened(byte[] message)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), (ushort)message.Length);
        return message;
    }
}
