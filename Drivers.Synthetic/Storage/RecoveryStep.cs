namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// What was done about a command that is late. Touched by the tick of the adapter's watch only.
/// <code>
/// None:      UnitReset
/// UnitReset: BusReset, None (nothing is late any more)
/// BusReset:  None (nothing is late any more, or the device is given up)
/// </code>
/// </summary>
internal enum RecoveryStep
{
    None,

    /// <summary>The logical unit was reset.</summary>
    UnitReset,

    /// <summary>The bus was reset, too.</summary>
    BusReset,
}
