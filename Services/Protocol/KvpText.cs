using System.Runtime.CompilerServices;

namespace GuestOS.Services.Protocol;

/// <summary>2048 bytes of a value: UTF-16 with its ending zero, or a number.</summary>
[InlineArray(Length)]
public struct KvpText
{
    /// <summary>Size in bytes.</summary>
    public const int Length = 2048;

    private byte _first;
}
