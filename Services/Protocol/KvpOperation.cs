namespace GuestOS.Services.Protocol;

/// <summary>Operations of the data exchange. Unknown values survive.</summary>
public enum KvpOperation : byte
{
    /// <summary>Value of a key.</summary>
    Get = 0,

    /// <summary>Set a key.</summary>
    Set = 1,

    /// <summary>Delete a key.</summary>
    Delete = 2,

    /// <summary>Key and value of an index.</summary>
    Enumerate = 3,

    /// <summary>Addresses of an adapter.</summary>
    GetIpInfo = 4,

    /// <summary>Set addresses of an adapter.</summary>
    SetIpInfo = 5,
}
