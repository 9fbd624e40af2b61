using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>How the host can spread received frames, the 18 bytes that are used.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
public struct RssCapabilities
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 18;

    /// <summary>0.</summary>
    public NdisObjectHeader Header;

    /// <summary>4.</summary>
    public uint Flags;

    /// <summary>8.</summary>
    public uint InterruptCount;

    /// <summary>12.</summary>
    public uint QueueCount;

    /// <summary>16.</summary>
    public ushort TableEntries;
}
