using System.Buffers.Binary;
using GuestOS.Sandbox.Integration;
using GuestOS.Sandbox.Tests.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.Integration;

/// <summary>An integration component of the host and a guest that answers by hand.</summary>
public abstract class IntegrationTest : BusTest
{
    private ulong _transaction;

    private protected HandChannel Channel { get; private set; } = null!;

    /// <summary>Opens the channel; the offer must be a message pipe.</summary>
    private protected void StartOpen(IntegrationProvider provider)
    {
        Start();
        Host.Offer(provider);
        var offer = ConnectAndList(0x50003)[0];
        Assert.Equal((0x11, 4u), (offer[56], HandGuest.Word(offer, 60)));
        Channel = OpenChannel(offer, 5, 5);
        Settle();
    }

    /// <summary>Opens the channel and chooses framework 3.0 and that service version.</summary>
    private protected void StartReady(IntegrationProvider provider, ushort major, ushort minor = 0)
    {
        StartOpen(provider);
        var request = Hear();
        Answer(request, 0, [1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, (byte)major, 0, (byte)minor, 0]);
        Assert.Equal(IntegrationState.Ready, provider.State);
    }

    /// <summary>The next request, without padding; none: null.</summary>
    private protected byte[]? TryHear()
    {
        if (Channel.In.Take() is not { } packet)
            return null;
        Assert.Equal((6, 0), (packet[0], packet[6]));
        _transaction = BinaryPrimitives.ReadUInt64LittleEndian(packet.AsSpan(8));
        if (Channel.In.Pending != 0)
            Guest.Signal(Channel.Connection);
        var payload = packet[16..^8];
        return payload.Length < 8
            ? payload
            : payload[..(int)Math.Min(payload.Length, 8L + BinaryPrimitives.ReadUInt32LittleEndian(payload.AsSpan(4)))];
    }

    private protected byte[] Hear() => TryHear() ?? throw new InvalidOperationException("The host asked nothing.");

    private protected void Say(byte[] message)
    {
        Channel.Out.PutPacket(6, 0, _transaction, default, message);
        Signal(Channel);
    }

    /// <summary>Answers as Linux does: the same bytes, flags 5, a status, and a body over the old one.</summary>
    private protected void Answer(byte[] request, uint status, ReadOnlySpan<byte> body)
    {
        var answer = (byte[])request.Clone();
        answer[25] = 5;
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(20), status);
        if (!body.IsEmpty)
        {
            body.CopyTo(answer.AsSpan(28));
            BinaryPrimitives.WriteUInt16LittleEndian(answer.AsSpan(18), (ushort)body.Length);
        }

        Say(answer);
    }
}
