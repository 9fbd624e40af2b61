namespace GuestOS.Services.Protocol;

/// <summary>Flags of an integration message.</summary>
[Flags]
public enum IcFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Part of a transaction.</summary>
    Transaction = 1,

    /// <summary>A request.</summary>
    Request = 2,

    /// <summary>An answer.</summary>
    Response = 4,
}
