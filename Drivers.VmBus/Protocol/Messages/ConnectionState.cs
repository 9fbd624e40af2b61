namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>What a host says of a version that it supports.</summary>
public enum ConnectionState : byte
{
    /// <summary>Connected.</summary>
    Ok = 0,

    /// <summary>Out of resources.</summary>
    LowResources = 1,

    /// <summary>Failed.</summary>
    Failure = 2,
}
