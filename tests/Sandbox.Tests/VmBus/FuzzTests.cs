using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>A hostile guest: nothing that it posts or writes into its rings may break the host.</summary>
public sealed class FuzzTests : BusTest
{
    private static readonly int[] Types = [3, 5, 7, 8, 9, 11, 13, 14, 16, 18, 19, 21, 22, 25, 27, 29];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_message_is_survived(int seed)
    {
        Start(seed: seed);
        var random = new Random(seed);
        var provider = new RecordingProvider { Echoes = true };
        var first = Host.Offer(provider);
        Host.Listen(Guid.Empty, _ => provider);
        Host.Trace.Capacity = 200;
        var version = new uint[] { 0xD, 0x10001, 0x20004, 0x30000, 0x40001, 0x50003, 0x60000 };
        var page = Guest.Allocate(2).PhysicalAddress.Value;
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(100) == 0)
                OpenAsOneShould(random, page);
            var message = new byte[random.Next(241)];
            if (random.Next(4) == 0)
                random.NextBytes(message);
            if (message.Length >= 4)
                BitConverter.TryWriteBytes(message, random.Next(20) == 0 ? random.Next(40) : Types[random.Next(Types.Length)]);
            for (var at = 8; at + 4 <= message.Length && at < 32; at += 4)
            {
                // Small numbers find channels and handles, page addresses find memory.
                BitConverter.TryWriteBytes(message.AsSpan(at), random.Next(6) switch
                {
                    0 => uint.MaxValue,
                    1 => (uint)page,
                    2 => 0x1000u,
                    _ => (uint)random.Next(4),
                });
            }

            if (message.Length >= 40 && message[0] == 14)
                BitConverter.TryWriteBytes(message.AsSpan(8), version[random.Next(version.Length)]);
            Guest.Post(random.Next(3) switch { 0 => 4u, 1 => 0x1F, _ => 1 }, message);
            if (random.Next(3) == 0)
                Settle();
            if (random.Next(500) == 0)
            {
                Host.Rescind(first);
                Host.OfferAgain(first);
            }

            Guest.Messages.Clear();
        }

        Settle();
        Guest.Messages.Clear();
        Assert.InRange(Host.GuestErrors.Count, 100, 10_000);
        Assert.NotEmpty(provider.Opened);
        Assert.NotEmpty(provider.Closed);
        // It still serves a guest that keeps to the protocol.
        Host.OfferAgain(first);
        var offers = ConnectAndList(0x50003);
        Assert.Equal(0, Host.GpadlCount);
        Assert.Contains(offers, offer => new Guid(offer.AsSpan(24, 16)) == provider.Offer.InstanceId);
    }

    /// <summary>Contact, offers, rings of two pages each and an open channel, so that the noise meets every state.</summary>
    private void OpenAsOneShould(Random random, ulong page)
    {
        Guest.Post(4, HandGuest.Contact(random.Next(2) == 0 ? 0x50003u : 0x60000u, 0, 2 | (0x25UL << 32)));
        Guest.Post(0x1F, HandGuest.Words(3, 0));
        var ring = HandGuest.Words(8, 0, 1, 1, 40 | (1 << 16), 0x4000, 0);
        Guest.Post(0x1F, [.. ring, .. Enumerable.Range(0, 4).SelectMany(i => BitConverter.GetBytes((page / 4096) + (ulong)(i % 2)))]);
        Guest.Post(0x1F, [.. HandGuest.Open(1, 1, 1, 0, 2), 0, 0, 0, 0, 0, 0, 0, 0]);
        Settle();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_bytes_in_the_ring_are_survived(int seed)
    {
        var random = new Random(seed);
        var packets = 0;
        for (var round = 0; round < 300; round++)
        {
            Start(seed: seed);
            var provider = new RecordingProvider { OnPacket = (_, packet) => packet.Data.ToArray() };
            Host.Offer(provider);
            var channel = OpenChannel(ConnectAndList(0x50003)[0]);
            for (var i = 0; i < 20; i++)
            {
                var payload = new byte[random.Next(100)];
                var descriptor = new byte[random.Next(5) * 8];
                random.NextBytes(descriptor);
                if (descriptor.Length >= 8)
                    BitConverter.TryWriteBytes(descriptor.AsSpan(4), random.Next(3));
                if (descriptor.Length >= 16)
                    BitConverter.TryWriteBytes(descriptor.AsSpan(8), (ulong)(uint)random.Next(9000) | ((ulong)(uint)random.Next(9000) << 32));
                channel.Out.PutPacket((ushort)(random.Next(4) == 0 ? 9 : random.Next(6, 12)), (ushort)random.Next(2), (ulong)random.Next(), descriptor, payload);
                if (random.Next(8) == 0)
                    channel.Out.Data[random.Next(channel.Out.Size)] = (byte)random.Next(256);
                if (random.Next(30) == 0)
                    channel.Out.In = (uint)random.Next();
                if (random.Next(30) == 0)
                    channel.In.Out = (uint)random.Next();
                Guest.Signal(channel.Connection);
                for (var steps = random.Next(20); steps > 0 && Clock.RunNext(); steps--)
                {
                }

                if (channel.Out.In >= channel.Out.Size)
                    break;
            }

            Settle();
            packets += provider.Packets.Count;
            Post(HandGuest.Words(7, 0, channel.RelId));
            Assert.Single(provider.Closed);
            Dispose();
        }

        Assert.InRange(packets, 100, 6000);
    }
}
