using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Body of an enumeration behind the padded header (offset 32 of the message), 2576 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct KvpEnumerate
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 2576;

    /// <summary>0: from 0.</summary>
    public uint Index;

    /// <summary>4: filled by the answer.</summary>
    public KvpValue Value;
}
