using GuestOS.Kernel.Core;
using static GuestOS.Fuzz.Targets.Patches;
using static GuestOS.Testing.Images.LoaderImages;

namespace GuestOS.Fuzz.Targets;

/// <summary>Boot information of Multiboot2: tags of every kind that the kernel reads, or a text without its zero at the end of memory.</summary>
public sealed class MultibootTarget : BootTarget
{
    /// <inheritdoc/>
    public override string Name => "boot-multiboot2";

    private protected override BootProtocol Protocol => BootProtocol.Multiboot2;

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        yield return [0];
        yield return [1];
        // The length of the whole, types and lengths of tags, the size of a map's entry, ends of ranges.
        yield return [0, .. At(0, 0xFF, 0xFF, 0xFF, 0xFF)];
        yield return [0, .. At(0, 24)];
        foreach (var tag in (byte[])[8, 32, 56, 80])
        {
            foreach (var size in (byte[])[0, 7, 9, 15, 16, 29, 0xFF])
                yield return [0, .. At(tag + 4, size)];
            foreach (var type in (byte[])[0, 1, 2, 3, 6, 8, 14, 15])
                yield return [0, .. At(tag, type)];
        }

        foreach (var type in (byte[])[1, 2, 3, 6, 8, 14, 15])
            yield return [1, .. At(8, type)];
    }

    private protected override byte[] Content(int kind) => (kind % 2) switch
    {
        0 => Multiboot(
            Tag(1, Text("a=1 env.X=\"y z\" -- q")), Tag(3, [.. U32(0x100000), .. U32(0x180000), 0]),
            MapTag(Range(0, 0x9F000, 1), Range(0x100000, 0x7F00000, 1), Range(0xF0000, 0x10000, 2)),
            Tag(8, [.. U64(0xFD000000), .. U32(4096), .. U32(1024), .. U32(768), 32, 1, 0, 0, 16, 8, 8, 8, 0, 8]),
            Tag(14, new byte[20]), Tag(15, new byte[36]), Tag(2, Text("GRUB 2.06")), Tag(0, [])),
        _ => Multiboot(MapTag(Range(0, 0x9F000, 1), Range(0x8F000, 0x20000, 2)), Tag(1, "a=123456"u8.ToArray())),
    };
}
