using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Body of a negotiation, 8 bytes; the versions follow, the framework's first.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IcNegotiation
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>Versions that one list may hold (Linux drivers/hv/channel_mgmt.c: IC_VERSION_NEGOTIATION_MAX_VER_COUNT).</summary>
    public const int MostVersions = 100;

    /// <summary>Body size of an answer: one version of each.</summary>
    public const int AnswerBodySize = 16;

    /// <summary>28 of the message: framework versions.</summary>
    public ushort FrameworkCount;

    /// <summary>30: service versions.</summary>
    public ushort ServiceCount;

    /// <summary>32: zero.</summary>
    public uint Reserved;
}
