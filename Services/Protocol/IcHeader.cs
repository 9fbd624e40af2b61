using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Head of every message of an integration component, 28 bytes: the pipe's header and the framework's.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IcHeader
{
    /// <summary>Size in bytes; where the body begins.</summary>
    public const int Size = 28;

    /// <summary>Bytes of the pipe's header, which <see cref="PipeSize"/> does not count.</summary>
    public const int PipeHeaderSize = 8;

    /// <summary>Value of <see cref="PipeType"/>: data.</summary>
    public const uint PipeData = 1;

    /// <summary>Largest message that hosts take, in bytes (OpenVMM: hyperv_ic_protocol).</summary>
    public const int LargestMessage = 13312;

    /// <summary>0: <see cref="PipeData"/>.</summary>
    public uint PipeType;

    /// <summary>4: bytes that follow this field.</summary>
    public uint PipeSize;

    /// <summary>8.</summary>
    public IcVersion Framework;

    /// <summary>12.</summary>
    public IcMessageType Type;

    /// <summary>14.</summary>
    public IcVersion Service;

    /// <summary>18: bytes behind this header.</summary>
    public ushort BodySize;

    /// <summary>20.</summary>
    public IcStatus Status;

    /// <summary>24.</summary>
    public byte TransactionId;

    /// <summary>25.</summary>
    public IcFlags Flags;

    /// <summary>26: zero.</summary>
    public ushort Reserved;
}
