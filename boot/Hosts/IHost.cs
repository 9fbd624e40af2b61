using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Prerequisites;

namespace GuestOS.Boot.Hosts;

/// <summary>Something that machines can be started on.</summary>
internal interface IHost
{
    /// <summary>The host's name on the command line.</summary>
    string Name { get; }

    /// <summary>What has to be installed for its machines. UEFI firmware comes on top.</summary>
    Job Needs { get; }

    /// <summary>Makes ready what all its machines share; returns at once when that is ready already.</summary>
    /// <param name="onProgress">Called with what is going on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Build.ToolException">The host cannot be had; the message says what is missing.</exception>
    Task PrepareAsync(Action<string>? onProgress, CancellationToken cancellationToken);

    /// <summary>Makes a machine; it is off until <see cref="IGuest.PowerOnAsync"/>.</summary>
    /// <param name="machine">What it is made of.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Build.ToolException">The host cannot make it.</exception>
    Task<IGuest> CreateAsync(MachineSpec machine, CancellationToken cancellationToken);

    /// <summary>Says when the end of a guest is the host's doing.</summary>
    /// <param name="exit">How its machine ended; null when it has not.</param>
    /// <param name="events">What the guest has reported.</param>
    /// <param name="processors">What the processors of a machine that has not ended hold (<see cref="Consoles.ProcessorSnapshot"/>); null when that is not known.</param>
    /// <returns>What the host did; null when the end says something of the guest.</returns>
    string? Explain(GuestExit? exit, IReadOnlyList<GuestEvent> events, string? processors);
}

/// <summary>A machine. Disposing of it ends it at once and removes everything that it left behind, its log files excepted.</summary>
internal interface IGuest : IAsyncDisposable
{
    /// <summary>What it was made of.</summary>
    MachineSpec Machine { get; }

    /// <summary>COM1.</summary>
    GuestConsole Console { get; }

    /// <summary>COM2.</summary>
    EventLog Events { get; }

    /// <summary>How to reproduce the machine by hand, one line.</summary>
    string CommandLine { get; }

    /// <summary>What the host has said about the machine beside all that: QEMU's messages, and its traces where they were asked for.</summary>
    string HostMessages { get; }

    /// <summary>QEMU's monitor, by which tests drive the machine's devices; null for a machine that is in no QEMU.</summary>
    QmpClient? Monitor { get; }

    /// <summary>Ends when the machine has ended and everything that it wrote has been read.</summary>
    Task<GuestExit> Exit { get; }

    /// <summary>Starts the machine.</summary>
    Task PowerOnAsync(CancellationToken cancellationToken);

    /// <summary>Ends the machine as by pulling its plug.</summary>
    Task StopAsync();

    /// <summary>Saves the screen as a picture.</summary>
    /// <param name="path">File to write: a PPM when its name ends so, else a PNG.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when the machine is not running any more.</returns>
    Task<bool> TryScreenshotAsync(string path, CancellationToken cancellationToken);

    /// <summary>Waits until the guest has opened a disc drive's tray.</summary>
    /// <param name="drive">Name of the drive.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task WaitForOpenTrayAsync(string drive, CancellationToken cancellationToken);

    /// <summary>Puts a disc into a drive and closes the tray.</summary>
    /// <param name="drive">Name of the drive.</param>
    /// <param name="path">The disc's image.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task InsertDiscAsync(string drive, string path, CancellationToken cancellationToken);
}
