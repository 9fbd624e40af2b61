using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SEND_INDIRECTION_TABLE, the first 12 bytes; its entries, u32 channel numbers, are elsewhere in the message.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspSendTable
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 12;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4: entries.</summary>
    public uint Count;

    /// <summary>8: from the start of the message; wrong in hosts up to version 6.0 (<see cref="NvspConstants.OldSendTableOffset"/>).</summary>
    public uint Offset;
}
