namespace GuestOS.Kernel.Handoff;

/// <summary>
/// What a disk or interface with several paths does with new requests. Under its lock.
/// <code>
/// Open:      Switching (paths came or went, or rest is wanted)
/// Switching: Open, AtRest
/// AtRest:    Switching (paths came or went, or rest is not wanted any more)
/// </code>
/// </summary>
internal enum SwitchState
{
    /// <summary>They go to the path that serves.</summary>
    Open,

    /// <summary>They wait; a switch runs, one at a time, until it finds nothing to be done.</summary>
    Switching,

    /// <summary>They wait; the interface was quiesced. Network interfaces only.</summary>
    AtRest,
}
