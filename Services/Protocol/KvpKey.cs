using System.Runtime.CompilerServices;

namespace GuestOS.Services.Protocol;

/// <summary>512 bytes of a key: UTF-16 with its ending zero.</summary>
[InlineArray(Length)]
public struct KvpKey
{
    /// <summary>Size in bytes.</summary>
    public const int Length = 512;

    private byte _first;
}
