namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Flags of an SRB.</summary>
[Flags]
public enum SrbFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The queue action counts.</summary>
    QueueActionEnable = 0x2,

    /// <summary>No disconnect.</summary>
    DisableDisconnect = 0x4,

    /// <summary>No synchronous transfer.</summary>
    DisableSynchronousTransfer = 0x8,

    /// <summary>Past a frozen queue.</summary>
    BypassFrozenQueue = 0x10,

    /// <summary>No sense data by itself.</summary>
    DisableAutosense = 0x20,

    /// <summary>Data comes from the device.</summary>
    DataIn = 0x40,

    /// <summary>Data goes to the device.</summary>
    DataOut = 0x80,

    /// <summary>An error does not freeze the queue.</summary>
    NoQueueFreeze = 0x100,

    /// <summary>The adapter may cache.</summary>
    AdapterCacheEnable = 0x200,

    /// <summary>The sense buffer is to be freed.</summary>
    FreeSenseBuffer = 0x400,
}
