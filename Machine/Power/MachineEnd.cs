namespace GuestOS.Machine.Power;

/// <summary>How the machine's run ends.</summary>
public enum MachineEnd
{
    /// <summary>Powered off.</summary>
    PowerOff,

    /// <summary>Restarted.</summary>
    Restart,
}
