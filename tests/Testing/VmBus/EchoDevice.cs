using System.Numerics;
using System.Runtime.InteropServices;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Testing.VmBus;

/// <summary>
/// A device that sends everything back: requests as completions, other packets in-band; memory that a packet names comes back with every
/// byte one higher. A payload that starts with 0xFF asks for so many subchannels as its second byte says.
/// </summary>
internal sealed class EchoDevice : IChannelProvider
{
    public static readonly Guid Class = new("11111111-2222-3333-4444-555555555555");

    public EchoDevice(byte number, TimeSpan? monitorLatency = null) => Offer = new ChannelOffer
    {
        ClassId = Class,
        InstanceId = new Guid(number, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
        MonitorLatency = monitorLatency,
    };

    public ChannelOffer Offer { get; }

    /// <summary>What the device makes of memory: every byte one higher.</summary>
    public static void RaiseAll(Span<byte> bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(bytes);
        foreach (ref var vector in vectors)
            vector += Vector<byte>.One;
        foreach (ref var one in bytes[(vectors.Length * Vector<byte>.Count)..])
            one++;
    }

    public uint Open(ChannelSession session) => 0;

    public void Receive(ChannelSession session, ChannelPacket packet)
    {
        if (packet.Payload is [0xFF, var count, ..])
            session.OfferSubchannels(count);
        if (packet.Data.ToArray() is { Length: > 0 } data)
        {
            RaiseAll(data);
            packet.Data.TryWrite(0, data);
        }

        if (packet.WantsCompletion)
            session.Complete(packet.TransactionId, packet.Payload);
        else
            session.SendInBand(packet.Payload);
    }

    public void Close(ChannelSession session, CloseReason reason)
    {
    }
}
