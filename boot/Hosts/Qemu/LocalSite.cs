using System.Net;
using System.Net.Sockets;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>QEMU on this machine, as a child of this program.</summary>
/// <param name="program">The QEMU.</param>
/// <param name="accelerator">How it runs instructions.</param>
internal sealed class LocalSite(QemuProgram program, QemuAccelerator accelerator) : IQemuSite
{
    private readonly WorkFolder _work = new();

    /// <inheritdoc/>
    public QemuAccelerator Accelerator => accelerator;

    /// <inheritdoc/>
    public string Prompt => string.Join(' ', program.Arguments.Prepend(program.Path));

    /// <inheritdoc/>
    public string FileOf(string name) => _work.File(name);

    /// <inheritdoc/>
    public string PathOf(string path) => path;

    /// <inheritdoc/>
    public Socket Listen(string channel) =>
        channel == QemuArguments.QmpChannel ? QemuChannel.ListenOnPath(_work.File("qmp.sock")) : QemuChannel.ListenOnPort();

    /// <inheritdoc/>
    public EndPoint AddressOf(Socket listener) => listener.LocalEndPoint!;

    /// <inheritdoc/>
    public async Task<IQemuProcess> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        await QemuProcess.StartAsync(program, arguments).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose() => _work.Dispose();
}
