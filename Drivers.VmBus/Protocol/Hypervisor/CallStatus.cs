namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Status of a hypercall, bits 15:0 of the result (TLFS, appendix on status codes).</summary>
public enum CallStatus : ushort
{
    /// <summary>Success.</summary>
    Success = 0,

    /// <summary>Invalid call code.</summary>
    InvalidCallCode = 0x02,

    /// <summary>Invalid input.</summary>
    InvalidInput = 0x03,

    /// <summary>Invalid alignment.</summary>
    InvalidAlignment = 0x04,

    /// <summary>Invalid parameter.</summary>
    InvalidParameter = 0x05,

    /// <summary>Access denied.</summary>
    AccessDenied = 0x06,

    /// <summary>Operation denied.</summary>
    OperationDenied = 0x08,

    /// <summary>Insufficient memory.</summary>
    InsufficientMemory = 0x0B,

    /// <summary>Invalid VP index.</summary>
    InvalidVpIndex = 0x0E,

    /// <summary>Invalid port id.</summary>
    InvalidPortId = 0x11,

    /// <summary>Invalid connection id.</summary>
    InvalidConnectionId = 0x12,

    /// <summary>Insufficient buffers.</summary>
    InsufficientBuffers = 0x13,

    /// <summary>Invalid VP state.</summary>
    InvalidVpState = 0x15,

    /// <summary>Invalid SynIC state.</summary>
    InvalidSynIcState = 0x18,

    /// <summary>No resources.</summary>
    NoResources = 0x1D,

    /// <summary>Time-out.</summary>
    TimeOut = 0x78,
}
