using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Head of every body of the data exchange, 2 bytes; operations 0 to 3 have 2 bytes of padding behind it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct KvpHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 2;

    /// <summary>Size with the padding of operations 0 to 3.</summary>
    public const int PaddedSize = 4;

    /// <summary>28 of the message.</summary>
    public KvpOperation Operation;

    /// <summary>29.</summary>
    public KvpPool Pool;
}
