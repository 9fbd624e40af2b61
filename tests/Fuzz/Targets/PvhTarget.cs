using GuestOS.Kernel.Core;
using static GuestOS.Fuzz.Targets.Patches;
using static GuestOS.Testing.Images.LoaderImages;

namespace GuestOS.Fuzz.Targets;

/// <summary>Start information of PVH, followed by what it points to: modules, a memory map, a command line without its zero at the end of memory.</summary>
public sealed class PvhTarget : BootTarget
{
    private const int ModuleList = 16;
    private const int CommandLine = 24;
    private const int Map = 40;

    /// <inheritdoc/>
    public override string Name => "boot-pvh";

    private protected override BootProtocol Protocol => BootProtocol.Pvh;

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        yield return [0];
        yield return [1];
        // Magic and version; counts; pointers to the end of memory, before and behind it.
        yield return [0, .. At(0, 0)];
        yield return [0, .. At(4, 0)];
        foreach (var count in (byte[])[12, 48])
        {
            yield return [0, .. At(count, 0xFF, 0xFF, 0xFF, 0xFF)];
            yield return [0, .. At(count, 4)];
        }

        foreach (var pointer in (byte[])[ModuleList, CommandLine, Map])
        {
            foreach (var place in (byte[])[1, 0xEF, 0xF0, 0xFF])
            {
                yield return [0, .. At(pointer, place, 0)];
                yield return [0, .. At(pointer, place, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)];
            }

            yield return [0, .. At(pointer, 0, 0, 0, 0, 1)];
        }
    }

    private protected override byte[] Content(int kind)
    {
        const ulong modules = StartInfoBytes;
        const ulong map = modules + 64;
        byte[] lists =
        [
            .. Module(0x400000, 0x1000), .. Module(0x200000, 0x2000),
            .. Range(0, 0x9F000, 1), .. Range(0xF0000, 0x10000, 2), .. Range(0x100000, 0x7F00000, 1), .. Range(0x7FE0000, 0x20000, 3),
        ];
        var text = StartInfoBytes + (ulong)lists.Length;
        return (kind % 2) == 0
            ? [.. StartInfo(text, (map, 4), (modules, 2)), .. lists, .. "a=1 env.X=\"y z\" -- q r=1"u8]
            : [.. StartInfo(0, (StartInfoBytes, 1)), .. Range(0x100000, 0x7F00000, 1)];
    }

    private protected override void Relocate(Span<byte> content, ulong address)
    {
        foreach (var pointer in (int[])[ModuleList, CommandLine, Map])
            Relocate64(content, pointer, address);
    }
}
