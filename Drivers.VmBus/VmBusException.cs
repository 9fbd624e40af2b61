namespace GuestOS.Drivers.VmBus;

/// <summary>An operation on VMBus failed.</summary>
public sealed class VmBusException : Exception
{
    /// <param name="message">What failed.</param>
    public VmBusException(string message)
        : base(message)
    {
    }

    /// <param name="kind">Why.</param>
    /// <param name="message">What failed.</param>
    public VmBusException(VmBusErrorKind kind, string message)
        : base(message) => Kind = kind;

    /// <summary>Why.</summary>
    public VmBusErrorKind Kind { get; }
}
