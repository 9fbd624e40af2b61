using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Body of a shutdown request, 12 bytes; 2048 bytes of UTF-16 text follow.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ShutdownBody
{
    /// <summary>Size without the text.</summary>
    public const int Size = 12;

    /// <summary>Bytes of the text.</summary>
    public const int TextSize = 2048;

    /// <summary>28 of the message: reason code; 0x80000000 is planned.</summary>
    public uint Reason;

    /// <summary>32: seconds that the host waits.</summary>
    public uint TimeoutSeconds;

    /// <summary>36.</summary>
    public ShutdownFlags Flags;
}
