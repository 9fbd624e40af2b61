using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <summary>What a provider offers.</summary>
public sealed record ChannelOffer
{
    /// <summary>Class.</summary>
    public required Guid ClassId { get; init; }

    /// <summary>Instance.</summary>
    public required Guid InstanceId { get; init; }

    /// <summary>0 is the primary channel.</summary>
    public ushort SubchannelIndex { get; init; }

    /// <summary>Channel flags.</summary>
    public OfferFlags Flags { get; init; }

    /// <summary>MMIO megabytes.</summary>
    public ushort MmioMegabytes { get; init; }

    /// <summary>User-defined bytes, at most 120.</summary>
    public ReadOnlyMemory<byte> UserDefined { get; init; }

    /// <summary>With a latency the channel is monitored: the guest sets a bit instead of signalling and the host looks at it so often.</summary>
    public TimeSpan? MonitorLatency { get; init; }

    /// <summary>User-defined bytes of a message pipe (pipe mode 4), as all integration components are offered.</summary>
    public static byte[] MessagePipe
    {
        get
        {
            var bytes = new byte[UserData.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, 4);
            return bytes;
        }
    }
}
