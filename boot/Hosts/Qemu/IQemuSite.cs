using System.Net;
using System.Net.Sockets;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>The place where one machine's QEMU runs. Disposing of it removes the machine's files.</summary>
internal interface IQemuSite : IDisposable
{
    /// <summary>How instructions are run there.</summary>
    QemuAccelerator Accelerator { get; }

    /// <summary>What comes before QEMU's arguments when its command line is shown.</summary>
    string Prompt { get; }

    /// <summary>Path, on this machine, of a file that goes with the machine.</summary>
    string FileOf(string name);

    /// <summary>Path under which QEMU finds a file of this machine.</summary>
    /// <exception cref="Build.ToolException">The file cannot be had there.</exception>
    string PathOf(string path);

    /// <summary>A socket that listens for one of QEMU's channels.</summary>
    /// <param name="channel">The channel's name, one of <see cref="QemuArguments.Channels"/>.</param>
    Socket Listen(string channel);

    /// <summary>The address at which QEMU reaches a socket that listens on this machine.</summary>
    EndPoint AddressOf(Socket listener);

    /// <summary>Starts QEMU.</summary>
    /// <param name="arguments">Everything after the program's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IQemuProcess> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken);
}
