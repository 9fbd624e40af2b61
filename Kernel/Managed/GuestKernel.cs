using System.Runtime;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.SelfTests;
using GuestOS.Kernel.Shell;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Services;

namespace GuestOS.Kernel;

/// <summary>
/// The kernel as the image's own sources see it. The image's start-up source calls <see cref="Start"/> from a module initialiser, so
/// that the machine is ready before <c>Main</c> of whatever program is linked.
/// </summary>
public static class GuestKernel
{
    private static KernelSystem? s_system;

    /// <summary>
    /// The integration services, for the image's program: keys for the host, how the program is, who is asked before the machine goes down.
    /// They work whether or not the machine's host offers them.
    /// </summary>
    /// <exception cref="InvalidOperationException">The program does not run on GuestOS.</exception>
    public static GuestServices Services => s_system?.Services ?? throw new InvalidOperationException("The kernel is not started.");

    /// <summary>Brings the machine up and returns when it is ready: disks found, <c>/boot</c> mounted. Called once.</summary>
    /// <param name="program">Name of the image's program, for the event log.</param>
    /// <param name="drivers">The image's drivers.</param>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public static void Start(string program, params IReadOnlyList<IDriver> drivers)
    {
        WriteRuntimeEvent(new KernelEvents());
        var system = new KernelSystem(KernelMachine.CreateReal(), drivers, program);
        if (Interlocked.CompareExchange(ref s_system, system, null) is not null)
            throw new InvalidOperationException("The kernel is started already.");

        // When the program returns, its writes must reach the disks; the low-level kernel then ends the run.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => system.ShutDownAsync().GetAwaiter().GetResult();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => system.VmBus?.TellOfPanic();
        system.StartAsync().GetAwaiter().GetResult();
    }

    /// <summary>
    /// The default program: runs the self-tests that the kernel command line asks for and ends the run, or else serves the console.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Start"/> was not called.</exception>
    public static async Task RunAsync()
    {
        KernelSystem system = s_system ?? throw new InvalidOperationException("The kernel is not started.");
        if (system.CommandLine.Find(KernelOptions.Test) is { } tests)
            await new SelfTestRunner(system).RunAsync(tests).ConfigureAwait(false);
        else
            await ServeConsoleAsync(system).ConfigureAwait(false);

        // The self-tests end the run themselves; who ends the console's input (Ctrl-D, the end of a pipe into it) ends the run too.
        await system.EndAsync(PowerKind.Configured, PowerReason.Console).ConfigureAwait(false);
    }

    private static async Task ServeConsoleAsync(KernelSystem system)
    {
        system.Machine.Events.Write("service", new("name", "console"), new("state", "started"));
        await new ConsoleShell(system).RunAsync().ConfigureAwait(false);
        system.Machine.Events.Write("service", new("name", "console"), new("state", "stopped"));
    }

    /// <summary>The first thing that managed code does, so that its time is that of the runtime's start alone.</summary>
    private static void WriteRuntimeEvent(KernelEvents events)
    {
        GCMemoryInfo gc = GC.GetGCMemoryInfo();
        events.Write(
            "runtime",
            new("version", Environment.Version.ToString()),
            new("gc", GCSettings.LatencyMode == GCLatencyMode.Batch ? "blocking" : "concurrent"),
            new("heapLimit", gc.TotalAvailableMemoryBytes));
    }
}
