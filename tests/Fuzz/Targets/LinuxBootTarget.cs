using System.Buffers.Binary;
using GuestOS.Kernel.Core;
using static GuestOS.Fuzz.Targets.Patches;
using static GuestOS.Testing.Images.LoaderImages;

namespace GuestOS.Fuzz.Targets;

/// <summary>The zero page of the Linux boot protocol, alone or with a command line that has no zero behind it.</summary>
public sealed class LinuxBootTarget : BootTarget
{
    private const int PageBytes = 4096;
    private const int CommandLine = 0x228;
    private const int CommandLineHigh = 0x0C8;
    private const int Count = 0x1E8;
    private const int Table = 0x2D0;

    /// <inheritdoc/>
    public override string Name => "boot-linux";

    private protected override BootProtocol Protocol => BootProtocol.Linux64;

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        yield return [0];
        yield return [1];
        foreach (var count in (byte[])[0, 4, 127, 128, 129, 255])
            yield return [0, .. At(Count, count)];
        foreach (var entry in (int[])[0, 1, 2])
        {
            yield return [0, .. At(Table + (20 * entry), 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)];
            yield return [0, .. At(Table + (20 * entry) + 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)];
            yield return [0, .. At(Table + (20 * entry) + 16, 2)];
        }

        yield return [0, .. At(CommandLine, 0xFF, 0x10)];
        yield return [0, .. At(CommandLine, 0xFF, 0xFF, 0xFF, 0xFF)];
        yield return [0, .. At(CommandLineHigh, 1)];
        yield return [0, .. At(0x218, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)];
        yield return [0, .. At(0x0F, 0x23, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)];
    }

    private protected override byte[] Content(int kind) => (kind % 2) == 0
        ? [.. ZeroPage(PageBytes, Range(0, 0x9FC00, 1), Range(0x100000, 0x7F00000, 1), Range(0x7FE0000, 0x20000, 2)), .. "a=1 env.X=\"y z\" -- q r=1"u8]
        : ZeroPage(0, Range(0, 0x9FC00, 1), Range(0x100000, 0x10000000, 1));

    private protected override void Relocate(Span<byte> content, ulong address)
    {
        var low = BinaryPrimitives.ReadUInt32LittleEndian(content[CommandLine..]);
        var relative = low | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(content[CommandLineHigh..]) << 32);
        if (relative == 0)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(content[CommandLine..], (uint)(relative + address));
        BinaryPrimitives.WriteUInt32LittleEndian(content[CommandLineHigh..], (uint)((relative + address) >> 32));
    }
}
