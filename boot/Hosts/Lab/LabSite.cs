using System.Net;
using System.Net.Sockets;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>QEMU in the lab's machine. Its files lie in a folder that both machines see.</summary>
internal sealed class LabSite : IQemuSite
{
    /// <summary>Where the share is, for a program in the lab's machine.</summary>
    private const string Mounted = "/mnt";

    /// <summary>This machine, for a program in the lab's machine (QEMU's user-mode network).</summary>
    private static readonly IPAddress BuildHost = IPAddress.Parse("10.0.2.2");

    private readonly LabAgent _agent;
    private readonly string _folder;
    private readonly FileStream _owner;
    private readonly Dictionary<string, string> _copies = [];

    /// <summary>Makes the guest's folder.</summary>
    /// <param name="machine">The lab's machine.</param>
    /// <param name="agent">The way into it.</param>
    public LabSite(LabFolder machine, LabAgent agent)
    {
        _agent = agent;
        _folder = Path.Combine(machine.SharePath, Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8)));
        Directory.CreateDirectory(_folder);
        _owner = new FileStream(FileOf(LabFolder.OwnerName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    /// <inheritdoc/>
    public QemuAccelerator Accelerator => QemuAccelerator.Kvm;

    /// <inheritdoc/>
    public string Prompt => "(lab) " + QemuProgram.Name;

    private string Name => Path.GetFileName(_folder);

    /// <inheritdoc/>
    public string FileOf(string name) => Path.Combine(_folder, name);

    /// <inheritdoc/>
    public string PathOf(string path)
    {
        if (Path.GetDirectoryName(path) == _folder)
            return $"{Mounted}/{Name}/{Path.GetFileName(path)}";
        if (!_copies.TryGetValue(path, out var copy))
        {
            copy = $"{_copies.Count}-{Path.GetFileName(path)}";
            File.Copy(path, FileOf(copy));
            _copies[path] = copy;
        }

        return $"{Mounted}/{Name}/{copy}";
    }

    /// <inheritdoc/>
    public Socket Listen(string channel) => QemuChannel.ListenOnPort();

    /// <inheritdoc/>
    public EndPoint AddressOf(Socket listener) => new IPEndPoint(BuildHost, ((IPEndPoint)listener.LocalEndPoint!).Port);

    /// <inheritdoc/>
    public async Task<IQemuProcess> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(FileOf("start"), $"exec /usr/bin/{QemuProgram.Name} {ShellText.Join(arguments)}\n", cancellationToken).ConfigureAwait(false);
        return await _agent.StartAsync(Name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The lock goes last: a folder without one is anybody's to remove.
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
        _owner.Dispose();
    }
}
