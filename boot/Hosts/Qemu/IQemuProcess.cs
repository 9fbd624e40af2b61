namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>A running QEMU, wherever it runs.</summary>
internal interface IQemuProcess
{
    /// <summary>The program's exit status, once it has ended and its messages are read.</summary>
    Task<int> Exited { get; }

    /// <summary>What it wrote to standard output and standard error.</summary>
    string Errors { get; }

    /// <summary>Kills it; <see cref="Exited"/> ends soon after.</summary>
    Task TerminateAsync();

    /// <summary>Kills it, when it has not ended already, and releases what it holds. To be called once, at the end.</summary>
    Task KillAsync();
}
