using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Head of an NDIS structure, 4 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NdisObjectHeader
{
    /// <summary>Type of <see cref="OffloadParameters"/>.</summary>
    public const byte DefaultType = 0x80;

    /// <summary>Type of <see cref="RssCapabilities"/>.</summary>
    public const byte RssCapabilitiesType = 0x88;

    /// <summary>Type of <see cref="RssParameters"/>.</summary>
    public const byte RssParametersType = 0x89;

    /// <summary>Type of <see cref="OffloadCapabilities"/>.</summary>
    public const byte OffloadType = 0xA7;

    /// <summary>0.</summary>
    public byte Type;

    /// <summary>1.</summary>
    public byte Revision;

    /// <summary>2: bytes.</summary>
    public ushort Size;
}
