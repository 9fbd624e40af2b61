namespace GuestOS.Services.Protocol;

/// <summary>Type of a value: the registry's numbers. Unknown values survive.</summary>
public enum KvpValueType : uint
{
    /// <summary>UTF-16 text.</summary>
    String = 1,

    /// <summary>UTF-16 text with environment variables.</summary>
    ExpandableString = 2,

    /// <summary>32-bit number.</summary>
    UInt32 = 4,

    /// <summary>64-bit number, as Linux and FreeBSD have it.</summary>
    UInt64 = 8,

    /// <summary>64-bit number, as the registry and OpenVMM have it.</summary>
    UInt64Registry = 11,
}
