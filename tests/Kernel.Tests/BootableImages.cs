using System.Text;
using GuestOS.Kernel.Tests.FileSystems;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests;

/// <summary>A small medium that looks like a boot medium: an ISO 9660 volume with the kernel's file.</summary>
internal static class BootableImages
{
    public const string ReadmeText = "Read me.\n";

    public static byte[] Make(int sectors = 64)
    {
        var image = new IsoImages(sectors) { RootSystemUse = IsoImages.Announce() };
        image
            .File("README.MD;1", 30, (uint)ReadmeText.Length, 0, IsoImages.Name("README.md"))
            .File("BINARY;1", 32, 4, 0, IsoImages.Name("binary"))
            .Add(IsoImages.Record("BOOT"u8.ToArray(), 40, 2048, 2, IsoImages.Name("boot")));
        Encoding.ASCII.GetBytes(ReadmeText).CopyTo(image.At(30));
        byte[] self = IsoImages.Record([0], 40, 2048, 2);
        self.CopyTo(image.At(40));
        IsoImages.Record("GUESTOS.ELF;1"u8.ToArray(), 31, 4, 0, IsoImages.Name("guestos.elf")).CopyTo(image.At(40)[self.Length..]);
        "\x7fELF"u8.CopyTo(image.At(31));
        return image.Build();
    }
}
