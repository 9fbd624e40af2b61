using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>INFO_MESSAGE with the one kind of information that is known, 32 bytes. Others have at least the first 24.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct InfoMessage
{
    /// <summary>Bytes up to the value.</summary>
    public const int HeadSize = 24;

    /// <summary>Value of <see cref="Kind"/>: the most pages that the machine will ever have.</summary>
    public const uint MaximumPageCount = 0;

    /// <summary>Value of <see cref="ValueSize"/> of <see cref="MaximumPageCount"/>.</summary>
    public const uint PageCountSize = 8;

    /// <summary>0.</summary>
    public BalloonHeader Header;

    /// <summary>8: zero.</summary>
    public uint Reserved;

    /// <summary>12: bytes of what follows.</summary>
    public uint InfoSize;

    /// <summary>16.</summary>
    public uint Kind;

    /// <summary>20: bytes of the value.</summary>
    public uint ValueSize;

    /// <summary>24.</summary>
    public ulong Value;
}
