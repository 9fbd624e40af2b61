namespace GuestOS.Boot.Hosts;

/// <summary>How a machine ended.</summary>
internal enum GuestExitKind
{
    /// <summary>The guest powered it off.</summary>
    PoweredOff,

    /// <summary>The guest reset it, and it was to end then.</summary>
    Reset,

    /// <summary>The guest wrote a status to the debug port.</summary>
    DebugPort,

    /// <summary>This program ended it.</summary>
    Stopped,

    /// <summary>The host failed.</summary>
    Failed,
}

/// <summary>The end of a machine.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Status">The status byte, for <see cref="GuestExitKind.DebugPort"/>.</param>
/// <param name="Detail">What the host said, for <see cref="GuestExitKind.Failed"/>.</param>
internal sealed record GuestExit(GuestExitKind Kind, int Status = 0, string Detail = "")
{
    /// <summary>Status by which self-tests report success (boot/EVENTS.md).</summary>
    public const int StatusPassed = 0x10;

    /// <summary>Status by which self-tests report failure.</summary>
    public const int StatusFailed = 0x11;

    /// <summary>Status of a panic.</summary>
    public const int StatusPanic = 0x12;

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        GuestExitKind.PoweredOff => "powered off",
        GuestExitKind.Reset => "reset",
        GuestExitKind.DebugPort => $"ended with status 0x{Status:x2}",
        GuestExitKind.Stopped => "stopped by the host",
        _ => $"lost by its host: {Detail}",
    };
}
