using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>
/// The lab's machine: emulated, with a kernel whose KVM has all of Hyper-V's interface, and with an agent that starts QEMU inside.
/// It outlives this program, so that the next run finds it up.
/// </summary>
/// <param name="cache">Where the lab is kept.</param>
/// <param name="recipe">What it is made of.</param>
internal sealed class LabMachine(LabCache cache, LabRecipe recipe)
{
    private const int Attempts = 3;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Its folder.</summary>
    public LabFolder Folder { get; } = cache.MachineOf(recipe);

    /// <summary>The way into it, when it is up and answers.</summary>
    public async Task<LabAgent?> FindAsync(CancellationToken cancellationToken) =>
        Folder.FindAgent() is { } agent && await CountGuestsAsync(cancellationToken).ConfigureAwait(false) is not null ? agent : null;

    /// <summary>Guests that run in it; null when it is not up, or does not answer.</summary>
    public async Task<int?> CountGuestsAsync(CancellationToken cancellationToken) =>
        Folder.FindProcess() is not null && Folder.FindAgent() is { } agent ? await agent.CountGuestsAsync(AnswerLimit, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Starts it. To be called with the cache's lock held, when <see cref="FindAsync"/> has not found it.</summary>
    /// <param name="tree">Its file tree.</param>
    /// <param name="onProgress">Called with what is going on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ToolException">It does not start.</exception>
    public async Task<LabAgent> StartAsync(LabTree tree, Action<string>? onProgress, CancellationToken cancellationToken)
    {
        await Folder.KillAsync(cancellationToken).ConfigureAwait(false);
        Folder.Remove();
        Folder.Create();
        try
        {
            onProgress?.Invoke("making the initramfs");
            await File.WriteAllBytesAsync(Folder.InitramfsPath, await LabInitramfs.CreateAsync(tree, recipe, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            await File.WriteAllTextAsync(Folder.TokenPath, token + "\n", cancellationToken).ConfigureAwait(false);
            var agent = new LabAgent(await LaunchAsync(tree, cancellationToken).ConfigureAwait(false), token);
            await WaitAsync(agent, onProgress, cancellationToken).ConfigureAwait(false);
            return agent;
        }
        catch
        {
            await Folder.KillAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>QEMU's command line for the machine itself, on this machine's side.</summary>
    /// <param name="tree">The file tree.</param>
    /// <param name="port">Port on this machine that is to lead to the agent.</param>
    public IReadOnlyList<string> Arguments(LabTree tree, int port) => Arguments(tree.Root, tree.Kernel, port);

    /// <summary>The same for a tree that need not exist.</summary>
    /// <param name="root">Root of the file tree.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="port">Port on this machine that is to lead to the agent.</param>
    public IReadOnlyList<string> Arguments(string root, string kernel, int port) =>
    [
        "-name", "guestos-lab",
        "-nodefaults", "-no-user-config",
        "-machine", "q35",
        "-accel", "tcg,thread=multi",
        "-cpu", recipe.Processor,
        "-smp", recipe.Cpus.ToString(CultureInfo.InvariantCulture),
        "-m", recipe.MemoryMiB.ToString(CultureInfo.InvariantCulture),
        "-display", "none",
        "-no-reboot",
        "-kernel", kernel,
        "-initrd", Folder.InitramfsPath,
        "-append", recipe.KernelOptions,
        "-serial", "file:" + Escape(Folder.ConsolePath),
        "-fsdev", $"local,id=tree,path={Escape(root)},security_model=none,readonly=on",
        "-device", "virtio-9p-pci,fsdev=tree,mount_tag=tree",
        "-fsdev", $"local,id=share,path={Escape(Folder.SharePath)},security_model=none",
        "-device", "virtio-9p-pci,fsdev=share,mount_tag=share",
        "-netdev", string.Create(CultureInfo.InvariantCulture, $"user,id=net,hostfwd=tcp:127.0.0.1:{port}-10.0.2.15:1000"),
        "-device", "virtio-net-pci,netdev=net,romfile=",
        "-pidfile", Folder.ProcessIdPath,
        "-daemonize",
    ];

    /// <summary>Starts QEMU, which goes into the background once it has everything that it needs of this machine.</summary>
    /// <returns>The port that leads to the agent.</returns>
    private async Task<int> LaunchAsync(LabTree tree, CancellationToken cancellationToken)
    {
        var program = tree.Program;
        for (var attempt = 1; ; attempt++)
        {
            var port = FindFreePort();
            await File.WriteAllTextAsync(Folder.PortPath, port.ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
            try
            {
                await ToolProcess.RunAsync(
                    program.Path,
                    [.. program.Arguments, .. Arguments(tree, port)],
                    program.Environment.ToDictionary(pair => pair.Key, pair => (string?)pair.Value),
                    cancellationToken: cancellationToken).ConfigureAwait(false);
                return port;
            }
            catch (ToolException e) when (attempt < Attempts && e.Message.Contains("host forwarding rule", StringComparison.Ordinal))
            {
                // Somebody took the port first: another one, then.
                continue;
            }
        }
    }

    private async Task WaitAsync(LabAgent agent, Action<string>? onProgress, CancellationToken cancellationToken)
    {
        onProgress?.Invoke("starting the lab's machine");
        var watch = Stopwatch.StartNew();
        while (await agent.CountGuestsAsync(AnswerLimit, cancellationToken).ConfigureAwait(false) is null)
        {
            if (Folder.FindProcess() is null)
                throw new ToolException($"The lab's machine ended while it started:{Folder.LastWords()}");
            if (watch.Elapsed > StartLimit)
                throw new ToolException($"The lab's machine did not answer within {StartLimit.TotalSeconds:F0} s:{Folder.LastWords()}");
            await Task.Delay(RetryInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int FindFreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>QEMU's option values end at a comma; a double one stands for itself.</summary>
    private static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);
}
