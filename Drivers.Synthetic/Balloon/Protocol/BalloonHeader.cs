using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>Head of every message, 8 bytes; the whole of UNBALLOON_RESPONSE.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BalloonHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 8;

    /// <summary>Largest message of either side: one page.</summary>
    public const int LargestMessage = 4096;

    /// <summary>0.</summary>
    public BalloonMessageType Type;

    /// <summary>2: bytes of the whole message.</summary>
    public ushort Length;

    /// <summary>4: of a request; answers need not repeat it.</summary>
    public uint TransactionId;
}
