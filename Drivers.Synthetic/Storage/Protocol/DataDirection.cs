namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Where a command's data goes.</summary>
public enum DataDirection : byte
{
    /// <summary>To the device.</summary>
    Write = 0,

    /// <summary>From the device.</summary>
    Read = 1,

    /// <summary>No data.</summary>
    None = 2,
}
