namespace GuestOS.Services.Protocol;

/// <summary>How the guest's application is, as the host shows it (OpenVMM: hyperv_ic_protocol heartbeat).</summary>
public enum ApplicationState : uint
{
    /// <summary>It has not said.</summary>
    Unknown = 0,

    /// <summary>It works.</summary>
    Healthy = 1,

    /// <summary>It is in trouble.</summary>
    Critical = 2,

    /// <summary>It does not run.</summary>
    Stopped = 3,
}
