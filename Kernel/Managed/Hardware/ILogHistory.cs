namespace GuestOS.Kernel.Hardware;

/// <summary>The log lines that are still kept.</summary>
internal interface ILogHistory
{
    /// <summary>Oldest first.</summary>
    IEnumerable<string> ReadLines();
}
