namespace GuestOS.Services.Protocol;

/// <summary>What an integration message is about (Linux include/linux/hyperv.h, ICMSGTYPE_*). Unknown values survive.</summary>
public enum IcMessageType : ushort
{
    /// <summary>Versions of framework and service.</summary>
    Negotiate = 0,

    /// <summary>Heartbeat.</summary>
    Heartbeat = 1,

    /// <summary>Data exchange.</summary>
    KeyValue = 2,

    /// <summary>Shutdown.</summary>
    Shutdown = 3,

    /// <summary>Time synchronisation.</summary>
    TimeSync = 4,

    /// <summary>Volume shadow copy.</summary>
    Backup = 5,

    /// <summary>Remote desktop control.</summary>
    RemoteDesktop = 6,

    /// <summary>File copy.</summary>
    FileCopy = 7,

    /// <summary>Sessions of the virtual machine connection.</summary>
    Session = 8,
}
