namespace GuestOS.Sandbox.Partition;

/// <summary>A fault (#GP, #UD) that the guest's access would have raised.</summary>
public sealed class SimulatedFaultException : Exception
{
    /// <summary>Without details.</summary>
    public SimulatedFaultException()
    {
    }

    /// <param name="message">What was accessed.</param>
    public SimulatedFaultException(string message)
        : base(message)
    {
    }

    /// <param name="message">What was accessed.</param>
    /// <param name="innerException">Cause.</param>
    public SimulatedFaultException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
