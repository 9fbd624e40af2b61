namespace GuestOS.Boot.Build;

/// <summary>A failure that the user can act on: its message is the whole report, no stack trace is shown.</summary>
internal sealed class ToolException : Exception
{
    /// <summary>A failure with what to tell the user.</summary>
    /// <param name="message">What failed, where, and what to do about it.</param>
    /// <param name="inner">The cause, when there is one.</param>
    public ToolException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
