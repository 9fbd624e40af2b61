using System.Buffers.Binary;
using System.Security.Cryptography;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke;

/// <summary>What a guest must see of a medium, found out without the guest.</summary>
internal static class HostView
{
    private const int PartitionTableBlock = 2;
    private const int PartitionEntrySize = 128;
    private const int PartitionsLookedAt = 8;

    /// <summary>SHA-256 of the whole medium and of one file on it, lower-case hexadecimal.</summary>
    /// <param name="medium">The medium.</param>
    /// <param name="path">The file's absolute path.</param>
    /// <param name="context">Gives room for a converted copy.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static async Task<(long Length, string Whole, string File)> HashAsync(
        BootMedium medium, string path, ScenarioContext context, CancellationToken cancellationToken)
    {
        var raw = await RawAsync(medium, context, cancellationToken).ConfigureAwait(false);
        using var stream = System.IO.File.OpenRead(raw);
        var whole = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        return (stream.Length, whole, Hash(OpenVolume(stream).ReadFile(path)));
    }

    /// <summary>SHA-256 of some bytes, lower-case hexadecimal.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The medium's content as a file, block after block.</summary>
    private static async Task<string> RawAsync(BootMedium medium, ScenarioContext context, CancellationToken cancellationToken)
    {
        if (medium.Format is not (ImageFormat.Vhd or ImageFormat.Vhdx))
            return medium.Path;
        var raw = context.File("medium.raw");
        var format = medium.Format == ImageFormat.Vhd ? "vpc" : "vhdx";
        await ToolProcess.RunAsync("qemu-img", ["convert", "-f", format, "-O", "raw", medium.Path, raw], cancellationToken: cancellationToken).ConfigureAwait(false);
        return raw;
    }

    private static Iso9660Volume OpenVolume(Stream stream)
    {
        var table = new byte[PartitionEntrySize * PartitionsLookedAt];
        stream.Position = PartitionTableBlock * GuidPartitionTable.BlockSize;
        stream.ReadExactly(table);
        var starts = Enumerable.Range(0, PartitionsLookedAt)
            .Select(i => BinaryPrimitives.ReadInt64LittleEndian(table.AsSpan(i * PartitionEntrySize + 32)) * GuidPartitionTable.BlockSize)
            .Where(start => start > 0 && start < stream.Length);
        foreach (var start in starts.Prepend(0))
            if (HasVolume(stream, start))
                return new Iso9660Volume(stream, start);
        throw new ScenarioFailedException("the medium has no ISO 9660 volume");
    }

    private static bool HasVolume(Stream stream, long start)
    {
        var descriptor = new byte[Iso9660Volume.BlockSize];
        if (start + Iso9660Volume.DescriptorOffset + descriptor.Length > stream.Length)
            return false;
        stream.Position = start + Iso9660Volume.DescriptorOffset;
        stream.ReadExactly(descriptor);
        return Iso9660Volume.HasSignature(descriptor);
    }
}
