namespace GuestOS.Fuzz;

/// <summary>A finding: something that must hold did not.</summary>
public sealed class FuzzException : Exception
{
    /// <summary>Makes the exception.</summary>
    public FuzzException(string message)
        : base(message)
    {
    }
}
