namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>What a storage packet is (Linux drivers/scsi/storvsc_drv.c, OpenVMM storvsp_protocol).</summary>
public enum StorageOperation : uint
{
    /// <summary>The host's answer to everything.</summary>
    CompleteIo = 1,

    /// <summary>From the host: a device is gone.</summary>
    RemoveDevice = 2,

    /// <summary>A SCSI command.</summary>
    ExecuteSrb = 3,

    /// <summary>Resets a logical unit.</summary>
    ResetLun = 4,

    /// <summary>Resets the adapter.</summary>
    ResetAdapter = 5,

    /// <summary>Resets a bus.</summary>
    ResetBus = 6,

    /// <summary>First step of the set-up.</summary>
    BeginInitialization = 7,

    /// <summary>Last step of the set-up.</summary>
    EndInitialization = 8,

    /// <summary>Asks whether the host speaks a version.</summary>
    QueryProtocolVersion = 9,

    /// <summary>Asks for limits.</summary>
    QueryProperties = 10,

    /// <summary>From the host: logical units have come or gone.</summary>
    EnumerateBus = 11,

    /// <summary>Fibre Channel: world-wide names.</summary>
    FibreChannelData = 12,

    /// <summary>Asks for subchannels.</summary>
    CreateSubchannels = 13,

    /// <summary>From the host (OpenVMM only).</summary>
    EventNotification = 14,
}
