using System.Buffers.Binary;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>A host and a hand-made guest on one clock. A test that fails prints the host's trace.</summary>
public abstract class BusTest : IDisposable
{
    private VmBusHost? _host;
    private HandGuest? _guest;

    private protected ManualTimeProvider Clock { get; private set; } = null!;

    private protected SimulatedMemory Memory { get; private set; } = null!;

    private protected VmBusHost Host => _host!;

    private protected HandGuest Guest => _guest!;

    /// <summary>Where channel messages go now.</summary>
    private protected uint Port { get; set; } = 1;

    public void Dispose()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(_host?.Trace.ToString() ?? "");
        _host?.Dispose();
        _guest?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void Start(VmBusHostOptions? options = null, int processors = 2, int seed = 1)
    {
        Clock = new ManualTimeProvider(seed);
        Memory = new SimulatedMemory(new Random(seed));
        var partition = new SimulatedPartition(Clock, Memory, new ListLog(), new PartitionOptions { Processors = processors });
        _guest = new HandGuest(partition);
        _host = new VmBusHost(new PartitionTransport(partition), options);
        Settle();
    }

    /// <summary>Runs everything that is due now.</summary>
    private protected void Settle() => Clock.Advance(TimeSpan.Zero);

    private protected void Post(byte[] message, uint? port = null)
    {
        Assert.Equal(0, Guest.Post(port ?? Port, message));
        Settle();
    }

    /// <summary>Contact at a version; the answer.</summary>
    private protected byte[] Connect(uint version, uint vp = 0, ulong? at16 = null, ulong monitor1 = 0, ulong monitor2 = 0)
    {
        Post(HandGuest.Contact(version, vp, at16 ?? (version >= 0x50000 ? 2u : 0u), monitor1, monitor2), version >= 0x50000 ? 4u : 1u);
        var answer = Guest.Take();
        Assert.Equal(15, answer[0]);
        Port = version >= 0x50000 ? HandGuest.Word(answer, 12) : 1;
        return answer;
    }

    /// <summary>Contact and offers; the offers' messages.</summary>
    private protected List<byte[]> ConnectAndList(uint version, uint vp = 0, ulong? at16 = null, ulong monitor1 = 0, ulong monitor2 = 0)
    {
        Assert.Equal(1, Connect(version, vp, at16, monitor1, monitor2)[8]);
        Post(HandGuest.Words(3, 0));
        var offers = new List<byte[]>();
        while (Guest.Take() is { } message && message[0] != 4)
            offers.Add(message);
        Assert.Empty(Guest.Messages);
        return offers;
    }

    private protected uint CreateGpadl(uint relId, Machine.DmaBuffer buffer)
    {
        foreach (var message in Guest.Gpadl(relId, buffer, out var handle))
            Post(message);
        var answer = Guest.Take();
        var id = HandGuest.Word(answer, 12);
        Assert.Equal((10u, relId, 0u), (HandGuest.Word(answer, 0), HandGuest.Word(answer, 8), HandGuest.Word(answer, 16)));
        return id;
    }

    private protected HandChannel OpenChannel(byte[] offer, int outPages = 2, int inPages = 2, uint vp = 0)
    {
        var relId = HandGuest.Word(offer, 184);
        var buffer = Guest.Allocate(outPages + inPages);
        var gpadl = CreateGpadl(relId, buffer);
        var channel = new HandChannel(
            relId,
            BinaryPrimitives.ReadUInt32LittleEndian(offer.AsSpan(192)),
            gpadl,
            buffer,
            new HandRing(buffer, 0, outPages),
            new HandRing(buffer, outPages, inPages));
        channel.In.Features = channel.Out.Features = 1;
        Post(HandGuest.Open(relId, 77, gpadl, vp, (uint)outPages));
        var answer = Guest.Take();
        Assert.Equal((6u, relId, 77u, 0u), (HandGuest.Word(answer, 0), HandGuest.Word(answer, 8), HandGuest.Word(answer, 12), HandGuest.Word(answer, 16)));
        return channel;
    }

    private protected void Signal(HandChannel channel)
    {
        Assert.Equal(0, Guest.Signal(channel.Connection));
        Settle();
    }
}
