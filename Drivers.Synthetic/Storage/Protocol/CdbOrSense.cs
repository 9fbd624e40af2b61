using System.Runtime.CompilerServices;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>20 bytes: a command of up to 16, or sense data.</summary>
[InlineArray(Length)]
public struct CdbOrSense
{
    /// <summary>Size in bytes.</summary>
    public const int Length = 20;

    /// <summary>Longest command.</summary>
    public const int CdbLength = 16;

    private byte _first;
}
