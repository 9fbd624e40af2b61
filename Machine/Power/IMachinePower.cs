namespace GuestOS.Machine.Power;

/// <summary>Ends the machine's run in order.</summary>
public interface IMachinePower
{
    /// <summary>Writes to the disks what they still hold back. Ends when all have answered; what a disk could not write is logged.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>Starts to end the run, and returns: drivers let go, then the machine is off or restarts.</summary>
    void BeginEnd(MachineEnd how);
}
