namespace GuestOS.Sandbox.VmBus;

/// <summary>Where an offered channel is in its life.</summary>
public enum HostChannelState
{
    /// <summary>The host has it; the guest has not been told.</summary>
    Waiting,

    /// <summary>The guest knows of it.</summary>
    Offered,

    /// <summary>The guest opened it.</summary>
    Open,

    /// <summary>Taken back; the guest has not released its relid yet.</summary>
    Rescinded,

    /// <summary>Taken back and released.</summary>
    Gone,
}
