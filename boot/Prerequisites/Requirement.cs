using GuestOS.Boot.Build;

namespace GuestOS.Boot.Prerequisites;

/// <summary>Something that has to be installed on the build host.</summary>
/// <param name="Package">The Debian package that brings it.</param>
/// <param name="Jobs">The jobs that need it.</param>
/// <param name="Probes">
/// How to see that it is there: names of programs, or absolute paths of files. Any one is enough.
/// </param>
internal sealed record Requirement(string Package, Job Jobs, params string[] Probes)
{
    /// <summary>All requirements of the tool.</summary>
    public static IReadOnlyList<Requirement> All { get; } =
    [
        new("nasm", Job.BuildKernel, "nasm"),
        new("lld", Job.BuildKernel, "ld.lld"),

        // With gcc the compiler's targets take gcc's version for lld's and leave out what lld needs to keep the modules' section.
        new("clang", Job.BuildKernel, "clang"),
        new("libc6-dev", Job.BuildKernel, "/usr/lib/x86_64-linux-gnu/libc.a", "/usr/lib64/libc.a", "/usr/lib/libc.a"),
        new("binutils", Job.BuildKernel, "objcopy", "llvm-objcopy"),
        new("grub-common", Job.BuildIso | Job.BuildDisk, "grub-mkimage"),
        new("grub-pc-bin", Job.BuildIso | Job.BuildDisk, "/usr/lib/grub/i386-pc/boot_hybrid.img"),
        new("grub-efi-amd64-bin", Job.BuildIso | Job.BuildDisk, "/usr/lib/grub/x86_64-efi/multiboot2.mod"),
        new("xorriso", Job.BuildIso | Job.BuildDisk, "xorriso"),
        new("qemu-utils", Job.ConvertDisk, "qemu-img"),
        new("qemu-system-x86", Job.Emulate | Job.EmulateUefi, "qemu-system-x86_64"),
        new("mmdebstrap", Job.Lab, "mmdebstrap"),
        new("debian-archive-keyring", Job.Lab, "/usr/share/keyrings/debian-archive-keyring.gpg"),
        new("xz-utils", Job.Lab, "xz"),
        new("ovmf", Job.EmulateUefi, Hosts.Qemu.UefiFirmware.CodePath),
    ];

    /// <summary>Whether it is installed.</summary>
    public bool IsMet => Probes.Any(probe => probe.StartsWith('/') ? File.Exists(probe) : ToolProcess.Find(probe) is not null);
}
