using System.IO.Compression;
using GuestOS.Boot.Build;
using GuestOS.Boot.Images;
using GuestOS.Boot.Linux;

namespace GuestOS.Bench.Peer;

/// <summary>A stock Debian kernel and the minimal initramfs that it starts with: static busybox, an /init script, the modules of what is measured.</summary>
internal sealed class LinuxPeer
{
    /// <summary>
    /// The first characters on COM1 are the kernel's, right after it was decompressed (earlyprintk); from the real console on, quiet.
    /// Output beyond errors would only slow it down. After a panic it resets at once.
    /// </summary>
    public const string CommandLine = "console=ttyS0 earlyprintk=ttyS0,115200 quiet panic=-1 rdinit=/init";

    private const string KernelPackage = "linux-image-amd64";
    private const string BusyboxPackage = "busybox-static";

    private LinuxPeer(string version, LinuxGuest guest, long compressedSize)
    {
        Version = version;
        Kernel = guest.Kernel;
        Initramfs = guest.Initramfs;
        ImageSize = new FileInfo(guest.Kernel).Length + compressedSize;
    }

    /// <summary>The kernel's package: names its version.</summary>
    public string Version { get; }

    /// <summary>Path of the kernel (bzImage).</summary>
    public string Kernel { get; }

    /// <summary>Path of the initramfs; not compressed, which is fastest to start.</summary>
    public string Initramfs { get; }

    /// <summary>Bytes of the kernel and of the initramfs when that is compressed by gzip.</summary>
    public long ImageSize { get; }

    /// <summary>Gets everything and makes the initramfs.</summary>
    /// <param name="repository">The project; packages are kept in its folder of artifacts.</param>
    /// <param name="work">Where the initramfs goes.</param>
    /// <param name="device">What the machine has.</param>
    /// <param name="load">A program and its arguments to run then; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LinuxPeer> CreateAsync(
        Repository repository, WorkFolder work, PeerDevice device, (byte[] Program, string Arguments)? load, CancellationToken cancellationToken)
    {
        var packages = new DebianPackages(Path.Combine(repository.Artifacts, "bench", "debian"));
        var version = await packages.ResolveAsync(KernelPackage, "linux-image-", cancellationToken).ConfigureAwait(false);
        var root = await packages.GetAsync(version, cancellationToken).ConfigureAwait(false);
        var busybox = Path.Combine(await packages.GetAsync(BusyboxPackage, cancellationToken).ConfigureAwait(false), "bin", "busybox");
        if (!File.Exists(busybox))
            busybox = Path.Combine(Path.GetDirectoryName(busybox)!, "..", "usr", "bin", "busybox");

        var kernel = Directory.GetFiles(Path.Combine(root, "boot"), "vmlinuz-*").Single();
        var modules = Directory.GetDirectories(root, "modules", SearchOption.AllDirectories)
            .Select(folder => Path.Combine(folder, version["linux-image-".Length..]))
            .First(Directory.Exists);
        var programs = new Dictionary<string, byte[]>();
        if (load is { } given)
            programs["bin/load"] = given.Program;
        var guest = await LinuxGuest.CreateAsync(
            kernel,
            new KernelModules(modules),
            device.Modules,
            busybox,
            programs,
            loaded => Script(loaded, device, load?.Arguments),
            work.File("initramfs.cpio"),
            cancellationToken).ConfigureAwait(false);
        var content = await File.ReadAllBytesAsync(guest.Initramfs, cancellationToken).ConfigureAwait(false);
        return new LinuxPeer(version, guest, CompressedSize(content));
    }

    /// <summary>What the kernel starts. It writes events to COM2 in the form of boot/EVENTS.md.</summary>
    private static List<string> Script(IEnumerable<string> modules, PeerDevice device, string? arguments)
    {
        List<string> lines =
        [
            """echo '{"t":0,"event":"init"}' > /dev/ttyS1""",
            "b=/bin/busybox",
            "$b mount -t proc proc /proc",
            "read uptime rest < /proc/uptime",
            "$b mount -t devtmpfs devtmpfs /dev",
            .. modules.Select(module => $"$b insmod {module}"),
            .. device.Preparation,
            $$"""echo "{\"t\":0,\"event\":\"{{device.Event}}\",\"uptime\":\"$uptime\"}" > /dev/ttyS1""",
        ];
        if (arguments is not null)
            lines.Add($"/bin/load {arguments} > /dev/ttyS1");
        lines.Add("""echo "{\"t\":0,\"event\":\"exit\",\"status\":$?}" > /dev/ttyS1""");
        lines.Add("while true; do $b sleep 1000; done");
        return lines;
    }

    private static long CompressedSize(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(content);
        return compressed.Length;
    }
}
