using System.Text;

namespace GuestOS.Boot.Linux;

/// <summary>A Linux kernel with a minimal initramfs: a guest of others to compare with.</summary>
/// <param name="Kernel">Path of the kernel (bzImage).</param>
/// <param name="Initramfs">Path of the initramfs; not compressed, which is fastest to start.</param>
internal sealed record LinuxGuest(string Kernel, string Initramfs)
{
    /// <summary>COM2, where a script may write events in the form of boot/EVENTS.md.</summary>
    public const string EventPort = "/dev/ttyS1";

    private static readonly string[] Folders = ["bin", "dev", "proc", "sys", "modules"];

    /// <summary>Makes the initramfs: /bin/busybox, console and event port, /modules, /init.</summary>
    /// <param name="kernel">The kernel (bzImage).</param>
    /// <param name="modules">Its modules.</param>
    /// <param name="load">Names of the modules that go in, with all that they depend on.</param>
    /// <param name="busybox">A static busybox.</param>
    /// <param name="programs">Further programs by their paths.</param>
    /// <param name="script">Gives the lines of /init; takes the modules' paths in the order in which they can be loaded. Nothing is mounted at its start.</param>
    /// <param name="initramfs">File to write.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static async Task<LinuxGuest> CreateAsync(
        string kernel,
        KernelModules modules,
        IEnumerable<string> load,
        string busybox,
        IReadOnlyDictionary<string, byte[]> programs,
        Func<IReadOnlyList<string>, IEnumerable<string>> script,
        string initramfs,
        CancellationToken cancellationToken)
    {
        using var archive = new CpioArchive();
        foreach (var folder in Folders)
            archive.AddFolder(folder);
        archive.AddDevice("dev/console", 5, 1);
        archive.AddDevice(EventPort[1..], 4, 65);
        archive.AddProgram("bin/busybox", await File.ReadAllBytesAsync(busybox, cancellationToken).ConfigureAwait(false));
        foreach (var (path, content) in programs)
            archive.AddProgram(path, content);
        List<string> paths = [];
        foreach (var module in await modules.CollectAsync(load, cancellationToken).ConfigureAwait(false))
        {
            paths.Add($"/modules/{module.Name}.ko");
            archive.AddProgram(paths[^1][1..], module.Content);
        }

        archive.AddProgram("init", Encoding.UTF8.GetBytes(string.Join('\n', script(paths).Prepend("#!/bin/busybox sh")) + "\n"));
        await File.WriteAllBytesAsync(initramfs, archive.Finish(), cancellationToken).ConfigureAwait(false);
        return new LinuxGuest(kernel, initramfs);
    }
}
