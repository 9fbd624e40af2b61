namespace GuestOS.Drivers.VmBus;

/// <summary>An operation on VMBus failed.</summary>
public sealed class VmBusException : Exception
{
    /// <summary>Without details.</summary>
    public VmBusException()
    {
    }

    /// <param name="message">What failed.</param>
    public VmBusException(string message)
        : base(message)
    {
    }

    /// <param name="message">What failed.</param>
    /// <param name="innerException">Cause.</param>
    public VmBusException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <param name="kind">Why.</param>
    /// <param name="message">What failed.</param>
    public VmBusException(VmBusErrorKind kind, string message)
        : base(message) => Kind = kind;

    /// <summary>Why.</summary>
    public VmBusErrorKind Kind { get; }
}
