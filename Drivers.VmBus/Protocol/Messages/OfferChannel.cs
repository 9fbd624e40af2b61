using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>OFFERCHANNEL, 196 bytes: not a multiple of 8, hence the packing.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct OfferChannel
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8: class.</summary>
    public Guid InterfaceType;

    /// <summary>24.</summary>
    public Guid Instance;

    /// <summary>40: reserved (FreeBSD: interrupt latency in 100 ns).</summary>
    public ulong Reserved0;

    /// <summary>48: reserved (FreeBSD: revision, server context).</summary>
    public ulong Reserved1;

    /// <summary>56.</summary>
    public OfferFlags Flags;

    /// <summary>58.</summary>
    public ushort MmioMegabytes;

    /// <summary>60: raw, or the pipe form.</summary>
    public UserData UserDefined;

    /// <summary>180: 0 is the primary channel.</summary>
    public ushort SubchannelIndex;

    /// <summary>182: reserved (OpenVMM: optional MMIO megabytes).</summary>
    public ushort Reserved2;

    /// <summary>184.</summary>
    public RelId RelId;

    /// <summary>188.</summary>
    public MonitorId MonitorId;

    /// <summary>189: bit 0.</summary>
    public byte MonitorAllocated;

    /// <summary>190: bit 0; valid from 1.1 on.</summary>
    public ushort DedicatedInterrupt;

    /// <summary>192: for the signal; valid from 1.1 on.</summary>
    public ConnectionId Connection;
}
