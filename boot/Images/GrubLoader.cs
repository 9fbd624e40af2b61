using GuestOS.Boot.Build;

namespace GuestOS.Boot.Images;

/// <summary>GRUB's part of an image: its core for BIOS and for UEFI, and its configuration.</summary>
internal static class GrubLoader
{
    /// <summary>GRUB's files for BIOS.</summary>
    public const string BiosFolder = "/usr/lib/grub/i386-pc";

    /// <summary>Where the kernel is on every medium.</summary>
    public const string KernelPath = "/boot/guestos.elf";

    /// <summary>Where GRUB reads its configuration.</summary>
    public const string Folder = "/boot/grub";

    /// <summary>
    /// An SMBIOS OEM string (type 11) that begins with this adds kernel options to those of the image: how a machine's owner passes
    /// options to an image that cannot be written to. The last OEM string of the table counts.
    /// </summary>
    public const string OptionsPrefix = "guestos:";

    private static readonly string[] CommonModules =
    [
        "normal", "configfile", "echo", "test", "true", "boot", "reboot", "halt", "minicmd", "ls", "cat", "search", "search_fs_uuid", "iso9660",
        "part_gpt", "part_msdos", "multiboot2", "read", "serial", "terminal", "smbios", "regexp", "all_video", "video",
    ];

    private static readonly string[] BiosModules = ["biosdisk", "vbe", "vga"];
    private static readonly string[] UefiModules = ["efi_gop", "efi_uga"];

    /// <summary>The configuration that GRUB reads from the medium.</summary>
    /// <param name="append">Kernel options that are part of the image.</param>
    public static string Configuration(string append)
    {
        var options = append.Length == 0 ? "" : " " + Quote(append);
        return $"""
            # Options from the machine: an SMBIOS OEM string that begins with "{OptionsPrefix}". First of all, while errors (most
            # machines have no such string) go only to the screen, which the kernel clears.
            set options=""
            if smbios --type 11 --get-string 4 --set oem; then
                if regexp --set 1:options '^{OptionsPrefix}(.*)$' "$oem"; then
                    true
                fi
            fi
            # From here on messages go to the screen and, where there is one, to the first serial port.
            serial --unit=0 --speed=115200
            terminal_output console serial
            set gfxmode=auto
            set gfxpayload=keep
            if multiboot2 {KernelPath}{options} $options; then
                boot
            fi
            echo "GRUB could not start ($root){KernelPath}; the reason stands above."
            echo "When it is memory: 32 MiB are enough for GRUB and GuestOS."
            # GRUB's command line clears the screen: not before this was read.
            echo "Press Enter for GRUB's command line."
            read key

            """;
    }

    /// <summary>Makes GRUB's core.</summary>
    /// <param name="platform">GRUB's name of the platform: i386-pc, i386-pc-eltorito, x86_64-efi.</param>
    /// <param name="prefix">Where GRUB finds its folder.</param>
    /// <param name="early">Commands run before the configuration is read.</param>
    /// <param name="workFolder">Folder for intermediate files.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The core's bytes.</returns>
    public static async Task<byte[]> MakeCoreAsync(
        string platform, string prefix, string early, string workFolder, CancellationToken cancellationToken)
    {
        var earlyFile = Path.Combine(workFolder, platform + ".cfg");
        var output = Path.Combine(workFolder, platform + ".core");
        await File.WriteAllTextAsync(earlyFile, early, cancellationToken).ConfigureAwait(false);
        var modules = (platform.EndsWith("-efi", StringComparison.Ordinal) ? UefiModules : BiosModules).Concat(CommonModules);
        string[] options = ["-O", platform, "-p", prefix, "-c", earlyFile, "-o", output];
        await ToolProcess.RunAsync("grub-mkimage", options.Concat(modules), cancellationToken: cancellationToken).ConfigureAwait(false);
        return await File.ReadAllBytesAsync(output, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Quotes every option for GRUB's command language; refuses what would break a line of it.</summary>
    /// <exception cref="ToolException">An option holds a control character.</exception>
    private static string Quote(string append)
    {
        if (append.Any(char.IsControl))
            throw new ToolException("Kernel options may not hold control characters.");
        return string.Join(' ', append.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(option => $"'{option.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
    }
}
