using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Balloon;
using GuestOS.Drivers.Synthetic.Balloon.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.Memory;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

/// <summary>
/// The host's end of a channel, message by message, with a client on a simulated memory. Messages are made of literal offsets, not of the
/// driver's structures.
/// </summary>
internal sealed class ScriptedHost : IBalloonLink, ILog
{
    public const ulong PagesPerMiB = 256;

    public ScriptedHost(SimulatedDynamicMemory? memory = null, BalloonVersion? highest = null)
    {
        Memory = memory ?? new SimulatedDynamicMemory(1024 * PagesPerMiB);
        Client = new BalloonClient(Memory, this, Clock, this, Tally, highest ?? BalloonVersion.V2_0, Changes.Add);
    }

    public SimulatedDynamicMemory Memory { get; }

    public ManualTimeProvider Clock { get; } = new();

    public BalloonTally Tally { get; } = new();

    public BalloonClient Client { get; }

    public List<BalloonChange> Changes { get; } = [];

    public List<string> Lines { get; } = [];

    /// <summary>Messages of the guest that nobody has looked at.</summary>
    public Queue<byte[]> Sent { get; } = [];

    /// <summary>Messages that the ring has room for.</summary>
    public int Room { get; set; } = int.MaxValue;

    public bool IsClosed { get; set; }

    /// <summary>Told of each attempt of the guest to send, before the guest hears what came of it.</summary>
    public Action<SendResult>? Sending { get; set; }

    /// <summary>A client that has agreed on 2.0; the host wants reports or not.</summary>
    public static ScriptedHost Agreed(SimulatedDynamicMemory? memory = null, bool wantsReports = false)
    {
        var host = new ScriptedHost(memory);
        host.Client.Start();
        host.Take(1);
        host.Send(VersionResponse(true));
        host.Take(3);
        host.Send(CapabilitiesResponse(wantsReports ? 1u : 5));
        Assert.True(host.Client.IsReady);
        return host;
    }

    public static byte[] VersionResponse(bool accepted) => Message(2, 16, bytes => bytes[8] = accepted ? (byte)1 : (byte)0);

    public static byte[] CapabilitiesResponse(uint flags) => Message(4, 16, bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), flags));

    public static byte[] BalloonRequest(uint pages) => Message(6, 16, bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), pages));

    public static byte[] UnballoonRequest(bool more, params IReadOnlyList<PageRange> ranges) => Message(8, 16 + (8 * ranges.Count), bytes =>
    {
        bytes[8] = more ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)ranges.Count);
        for (int i = 0; i < ranges.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16 + (8 * i)), ranges[i].First | (ranges[i].Count << 40));
    });

    public static byte[] HotAddRequest(PageRange range, PageRange? region = null) => Message(10, region is null ? 16 : 24, bytes =>
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), range.First | (range.Count << 40));
        if (region is { } given)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), given.First | (given.Count << 40));
    });

    public static byte[] Message(ushort type, int length, Action<byte[]>? fill = null)
    {
        var bytes = new byte[length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)length);
        fill?.Invoke(bytes);
        return bytes;
    }

    public SendResult TrySend(ReadOnlySpan<byte> message)
    {
        var result = IsClosed ? SendResult.Closed : Room == 0 ? SendResult.RingFull : SendResult.Sent;
        Sending?.Invoke(result);
        if (result != SendResult.Sent)
            return result;
        Room--;
        Sent.Enqueue(message.ToArray());
        return SendResult.Sent;
    }

    public void Write(LogLevel level, string message) => Lines.Add(message);

    /// <summary>Gives the client a message and lets it end what follows.</summary>
    public void Send(byte[] message)
    {
        Assert.False(Client.IsBusy);
        Client.Receive(message);
        Run();
    }

    /// <summary>Lets the client go on until it has nothing to do or finds no room.</summary>
    public void Run()
    {
        for (int steps = 0; Client.IsBusy && Client.Step(); steps++)
            Assert.True(steps < 100_000, "The client does not come to an end.");
    }

    /// <summary>The next message of the guest, which must be of a type and as long as it says.</summary>
    public byte[] Take(ushort type)
    {
        Assert.NotEmpty(Sent);
        byte[] message = Sent.Dequeue();
        Assert.Equal(type, BinaryPrimitives.ReadUInt16LittleEndian(message));
        Assert.Equal(message.Length, BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(2)));
        return message;
    }

    /// <summary>Takes all responses to a balloon request and checks their form.</summary>
    public List<PageRange> TakeBalloonResponses()
    {
        var all = new List<PageRange>();
        while (true)
        {
            byte[] message = Take(7);
            Assert.InRange(message.Length, 16, 4096);
            Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(8)));
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(12));
            Assert.Equal(16 + (8 * (flags >> 1)), (uint)message.Length);
            for (int at = 16; at < message.Length; at += 8)
            {
                ulong range = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at));
                all.Add(new PageRange(range & 0xFF_FFFF_FFFF, range >> 40));
            }

            if ((flags & 1) == 0)
                return all;
            Assert.NotEqual(0u, flags >> 1);
        }
    }
}
