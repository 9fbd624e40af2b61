namespace GuestOS.Kernel.Drivers;

/// <summary>A declared resource cannot be granted.</summary>
public sealed class ResourceException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ResourceException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
