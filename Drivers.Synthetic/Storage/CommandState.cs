namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// Where a command is: the list that it is in says it, so there is no other place where it changes, and each change goes through
/// <see cref="InHand"/>. <see cref="CommandList"/> throws when a command that is in a list is put into another one.
/// </summary>
internal enum CommandState
{
    /// <summary>In no list: somebody fills it in, sends it, judges its answer, or has its result and has not looked at that yet.</summary>
    InHand,

    /// <summary>In the adapter's pool.</summary>
    Pooled,

    /// <summary>Waits for its device, which is held, to go on.</summary>
    Held,

    /// <summary>Waits in a queue for room in the ring or for a buffer.</summary>
    Waiting,

    /// <summary>The host has it, and its memory.</summary>
    Outstanding,

    /// <summary>Waits for the time of its next try.</summary>
    Pausing,
}
