using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Body of a heartbeat, 12 bytes and a tail of zeros that may be missing.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct HeartbeatBody
{
    /// <summary>Bytes that every host sends: the sequence number.</summary>
    public const int LeastSize = 8;

    /// <summary>Bytes of a whole body, tail included (Linux; OpenVMM: 16).</summary>
    public const int FullSize = 40;

    /// <summary>28 of the message. The answer has one more.</summary>
    public ulong Sequence;

    /// <summary>36: of the guest's application.</summary>
    public ApplicationState State;
}
