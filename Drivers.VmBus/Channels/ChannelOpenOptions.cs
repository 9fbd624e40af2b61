using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>How a channel is opened.</summary>
public sealed record ChannelOpenOptions
{
    /// <summary>What is done with packets.</summary>
    public required ChannelHandler Handler { get; init; }

    /// <summary>Bytes of the guest-to-host ring, its control page included; whole pages, at least two.</summary>
    public int SendRingSize { get; init; } = 16 * 1024;

    /// <summary>Bytes of the host-to-guest ring, its control page included; whole pages, at least two.</summary>
    public int ReceiveRingSize { get; init; } = 16 * 1024;

    /// <summary>Up to 120 bytes for the service.</summary>
    public ReadOnlyMemory<byte> UserData { get; init; }

    /// <summary>Packet types that are taken (rule R4).</summary>
    public PacketTypes Accepted { get; init; } = PacketTypes.InBand | PacketTypes.Completion;

    /// <summary>Largest inbound packet in bytes, header included; larger ones are dropped (rule R5).</summary>
    public int LargestPacket { get; init; } = 4096;

    /// <summary>Processor that gets the channel's interrupts.</summary>
    public int Processor { get; init; }

    /// <summary>Requests that may be outstanding together, 1 to 65,536.</summary>
    public int MostRequests { get; init; } = 64;

    /// <summary>Packets that are handled in one turn before others get theirs (rule R7).</summary>
    public int Budget { get; init; } = 256;

    /// <summary>A host that offers a monitor may take its time to notice what is sent; saves a hypercall each. False signals at once.</summary>
    public bool ToleratesLatency { get; init; } = true;

    /// <summary>Throws when something cannot be.</summary>
    internal void Validate(int processors)
    {
        ArgumentNullException.ThrowIfNull(Handler);
        ThrowIfNoRing(SendRingSize, nameof(SendRingSize));
        ThrowIfNoRing(ReceiveRingSize, nameof(ReceiveRingSize));
        if ((SendRingSize + (long)ReceiveRingSize) / RingControl.PageSize > GpadlHeader.MostFramesInRange)
            throw new ArgumentException($"Rings of {SendRingSize} and {ReceiveRingSize} bytes are too large to be shared.");
        if (UserData.Length > Protocol.Messages.UserData.Length)
            throw new ArgumentException($"{UserData.Length} bytes of user data; 120 fit.");
        ArgumentOutOfRangeException.ThrowIfLessThan(LargestPacket, PacketHeader.Size, nameof(LargestPacket));
        ArgumentOutOfRangeException.ThrowIfNegative(Processor, nameof(Processor));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Processor, processors, nameof(Processor));
        ArgumentOutOfRangeException.ThrowIfLessThan(MostRequests, 1, nameof(MostRequests));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MostRequests, RequestTable.Largest, nameof(MostRequests));
        ArgumentOutOfRangeException.ThrowIfLessThan(Budget, 1, nameof(Budget));
    }

    private static void ThrowIfNoRing(int size, string name)
    {
        if (size < 2 * RingControl.PageSize || size % RingControl.PageSize != 0)
            throw new ArgumentOutOfRangeException(name, size, "A ring is whole pages, at least two.");
    }
}
