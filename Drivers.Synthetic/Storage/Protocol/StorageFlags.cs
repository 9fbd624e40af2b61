namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Flags of a storage packet.</summary>
[Flags]
public enum StorageFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>An answer is wanted.</summary>
    RequestCompletion = 1,
}
