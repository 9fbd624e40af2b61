namespace GuestOS.Machine;

/// <summary>What an interrupt handler found.</summary>
public enum InterruptResult
{
    /// <summary>The device did not ask for this interrupt (a shared line, or a spurious one).</summary>
    NotMine,

    /// <summary>The device had asked, and has been told to stop asserting the interrupt.</summary>
    Handled,
}

/// <summary>
/// Runs on the interrupt's own thread, one call at a time. Must not block or await: it reads the cause, silences the device,
/// and wakes whoever waits. An exception disconnects the handler and is reported as the driver's failure.
/// </summary>
public delegate InterruptResult InterruptHandler();

/// <summary>
/// One interrupt granted to one driver: a line (possibly shared and level-triggered) or a message-signalled vector.
/// A level-triggered line stays masked from the moment it fires until every connected handler has run.
/// </summary>
public interface IInterrupt
{
    /// <summary>Name for messages and the console, for example "IRQ 14" or "MSI 0x51".</summary>
    string Name { get; }

    /// <summary>Connects the handler and unmasks the interrupt.</summary>
    /// <exception cref="InvalidOperationException">A handler is connected already.</exception>
    void Connect(InterruptHandler handler);

    /// <summary>Disconnects the handler; when this returns, it is not running and will not run again. Does nothing when none is connected.</summary>
    void Disconnect();
}
