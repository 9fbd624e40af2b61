namespace GuestOS.Kernel.Shell.Commands;

/// <summary>All commands of the console.</summary>
internal static class CommandList
{
    /// <param name="all">The commands as <c>help</c> shall list them; read when it runs.</param>
    public static IEnumerable<ICommand> Create(IEnumerable<ICommand> all) =>
    [
        new HelpCommand(all),
        new DevicesCommand(),
        new VmBusCommand(),
        new DisksCommand(),
        new NicsCommand(),
        new ServicesCommand(),
        new MemoryCommand(),
        new BalloonCommand(),
        new ThreadsCommand(),
        new InterruptsCommand(),
        new HypervisorCommand(),
        new ClockCommand(),
        new LogCommand(),
        new HashCommand(),
        new LsCommand(),
        new CatCommand(),
        new RebootCommand(),
        new PowerOffCommand(),
    ];
}
