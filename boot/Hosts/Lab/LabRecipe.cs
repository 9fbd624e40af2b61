using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>What the lab is made of. Whatever changes here is made anew where it is used next.</summary>
internal sealed record LabRecipe
{
    private const int DigestLength = 16;
    private const int LeastMemoryMiB = 2048;
    private const int MostMemoryMiB = 6144;
    private const int MostCpus = 4;

    /// <summary>
    /// The recipe in use. QEMU before 8.2 has no dynamic memory device; Debian 13 has 10.0. Half of this machine's memory is what the lab's
    /// machine may come to use, not what it takes from the start.
    /// </summary>
    public static LabRecipe Standard { get; } = new()
    {
        Suite = "trixie",
        Packages = ["qemu-system-x86", "seabios", "linux-image-amd64", "busybox-static"],
        Modules = ["9pnet_virtio", "9p", "virtio_net", "kvm_amd"],
        Init = Resource("init.sh"),
        Agent = Resource("agent.sh"),
        Cpus = Math.Clamp(Environment.ProcessorCount, 1, MostCpus),
        MemoryMiB = (int)Math.Clamp((GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20) / 2, LeastMemoryMiB, MostMemoryMiB),
    };

    /// <summary>The Debian release.</summary>
    public required string Suite { get; init; }

    /// <summary>Its packages; what they depend on comes with them.</summary>
    public required IReadOnlyList<string> Packages { get; init; }

    /// <summary>Kernel modules that the lab's machine loads, with all that they depend on.</summary>
    public required IReadOnlyList<string> Modules { get; init; }

    /// <summary>The first program of the lab's machine.</summary>
    public required string Init { get; init; }

    /// <summary>What answers requests in the lab's machine.</summary>
    public required string Agent { get; init; }

    /// <summary>Processors of the lab's machine.</summary>
    public required int Cpus { get; init; }

    /// <summary>Memory of the lab's machine in MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>Options of the kernel in the lab's machine.</summary>
    public string KernelOptions { get; init; } = "console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable";

    /// <summary>
    /// The processor that is emulated: one with AMD's virtualisation, which KVM finds in good order. What it names and the emulation lacks is
    /// left out, so that QEMU has nothing to warn of.
    /// </summary>
    public string Processor { get; init; } = "EPYC,fxsr-opt=off,misalignsse=off,osvw=off,topoext=off,nrip-save=off,xsavec=off";

    /// <summary>Fingerprint of what the file tree depends on.</summary>
    public string TreeDigest => Digest(Suite, string.Join(' ', Packages));

    /// <summary>Fingerprint of what the lab's machine depends on, the tree included.</summary>
    public string MachineDigest => Digest(
        TreeDigest,
        string.Join(' ', Modules),
        Init,
        Agent,
        Cpus.ToString(CultureInfo.InvariantCulture),
        MemoryMiB.ToString(CultureInfo.InvariantCulture),
        KernelOptions,
        Processor);

    private static string Digest(params string[] parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))))[..DigestLength];

    private static string Resource(string name)
    {
        using var stream = typeof(LabRecipe).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
