using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Body of a delete behind the padded header (offset 32 of the message), 516 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct KvpDelete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 516;

    /// <summary>0: bytes of the key, its ending zero included.</summary>
    public uint KeySize;

    /// <summary>4.</summary>
    public KvpKey Key;
}
