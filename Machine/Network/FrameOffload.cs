namespace GuestOS.Machine.Network;

/// <summary>What travels with a frame beside its bytes.</summary>
public readonly record struct FrameOffload
{
    /// <summary>
    /// To send: checksums that the device fills in. What the fields hold does not matter; the device may change headers in the frame.
    /// </summary>
    public FrameChecks Wanted { get; init; }

    /// <summary>
    /// To send: the device cuts the frame, TCP over IPv4 or IPv6 without extension headers, into segments with so many bytes of data each,
    /// and sums them up. 0: it does not.
    /// </summary>
    public int SegmentSize { get; init; }

    /// <summary>Tag control information of an 802.1Q tag, which is not among the frame's bytes; null without.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>Received: checksums that are right. What is in neither set was not looked at.</summary>
    public FrameChecks Good { get; init; }

    /// <summary>Received: checksums that are wrong.</summary>
    public FrameChecks Bad { get; init; }

    /// <summary>Received: hash of the frame's two ends; 0 when there is none.</summary>
    public uint Hash { get; init; }

    /// <summary>Every device can send it.</summary>
    public bool IsPlainToSend => Wanted == FrameChecks.None && SegmentSize == 0 && Vlan is null;
}
