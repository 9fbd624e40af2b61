using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>A key and its value, 2572 bytes: the whole body behind the padded header for get and set (offset 32 of the message).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct KvpValue
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 2572;

    /// <summary>0.</summary>
    public KvpValueType Type;

    /// <summary>4: bytes of the key, its ending zero included.</summary>
    public uint KeySize;

    /// <summary>8: bytes of the value, its ending zero included.</summary>
    public uint ValueSize;

    /// <summary>12.</summary>
    public KvpKey Key;

    /// <summary>524.</summary>
    public KvpText Value;
}
