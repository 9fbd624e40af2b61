using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.FileSystems.Iso9660;
using GuestOS.Testing;
using GuestOS.Testing.Images;
using static GuestOS.Fuzz.Targets.Patches;

namespace GuestOS.Fuzz.Targets;

/// <summary>ISO 9660 volumes, plain, with Rock Ridge and with Joliet, with any bytes changed: opened, walked, their files read. An input is a volume and runs of bytes.</summary>
public sealed class IsoTarget : FuzzTarget
{
    private const int Sectors = 32;
    private const int Directory = 21;
    private const int JolietRoot = 22;
    private const int Continuation = 23;
    private const int FirstFile = 24;
    private const int MostRuns = 16;
    private const int MostNodes = 200;

    /// <inheritdoc/>
    public override string Name => "iso9660";

    /// <inheritdoc/>
    public override int TestCount => 2000;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        var image = VolumeOf(decisions.Next() % 3);
        Apply(decisions, image, MostRuns);
        var log = new ListLog();
        var opened = Iso9660FileSystem.OpenAsync(new ByteDisk(image, IsoImages.Sector), log).GetAwaiter().GetResult();
        if (!opened.IsSuccess)
        {
            Require(opened.Error.Message.Length < 1000, "a long error");
            return;
        }

        Walk(opened.Value);
        Require(log.Lines.Count < 2 * MostNodes && log.Lines.All(line => line.Text.Length < 1000), $"{log.Lines.Count} lines in the log");
    }

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        for (byte volume = 0; volume < 3; volume++)
        {
            yield return [volume];

            // Sizes and places of the volume, and of the root; the root's first records; a directory that is its own child.
            foreach (var place in (int[])[80, 128, 156, 158, 166, 188])
                yield return [volume, .. At((16 * IsoImages.Sector) + place, 0xFF, 0xFF, 0xFF, 0xFF)];
            for (var place = 0; place < 200; place += 17)
                yield return [volume, .. At((IsoImages.RootSector * IsoImages.Sector) + place, (byte)place, 0xFF, 1, 0)];
            yield return [volume, .. At((Directory * IsoImages.Sector) + 2, IsoImages.RootSector)];
        }

        // A continuation that continues itself.
        yield return [1, .. At(Continuation * IsoImages.Sector, [.. Continues()])];
    }

    private static byte[] Continues() =>
        IsoImages.Entry("CE", [.. IsoImages.Both32(Continuation), .. IsoImages.Both32(0), .. IsoImages.Both32(28)]);

    private static byte[] VolumeOf(int kind)
    {
        var hasRockRidge = kind == 1;
        var image = new IsoImages(Sectors) { RootSystemUse = hasRockRidge ? IsoImages.Announce() : [] };
        image.File("A.TXT;1", FirstFile, 3000, 0, hasRockRidge ? IsoImages.Name("a file.txt") : null);
        image.File("B", FirstFile + 2, 2048, 0x80).File("B", FirstFile + 3, 100);
        image.File("DIR", Directory, IsoImages.Sector, 2, hasRockRidge ? [.. IsoImages.Name("directory")] : null);
        image.File("C.;1", FirstFile, 10, 0, hasRockRidge ? Continues() : null);
        var bytes = image.Build();
        Put(bytes, Directory * IsoImages.Sector, [.. IsoImages.Record([0], Directory, IsoImages.Sector, 2), .. IsoImages.Record([1], IsoImages.RootSector, IsoImages.Sector, 2), .. IsoImages.Record("D.TXT;1"u8.ToArray(), FirstFile, 77)]);
        if (hasRockRidge)
        {
            Put(bytes, Continuation * IsoImages.Sector, [
                .. IsoImages.Name("long ", 1), .. IsoImages.Name("name"), .. IsoImages.Entry("PX", [.. IsoImages.Both32(0xA1FF), .. new byte[24]]),
                .. IsoImages.Entry("SL", 0, 0, 3, 0x2E, 0x2E, 0x61)]);
        }

        if (kind == 2)
            AddJoliet(bytes);
        return bytes;
    }

    /// <summary>A supplementary descriptor with the escape sequence of UCS-2 level 3, and a root of its own.</summary>
    private static void AddJoliet(byte[] image)
    {
        image.AsSpan(17 * IsoImages.Sector, IsoImages.Sector).CopyTo(image.AsSpan(18 * IsoImages.Sector));
        image.AsSpan(16 * IsoImages.Sector, IsoImages.Sector).CopyTo(image.AsSpan(17 * IsoImages.Sector));
        var descriptor = image.AsSpan(17 * IsoImages.Sector, IsoImages.Sector);
        descriptor[0] = 2;
        "%/E"u8.CopyTo(descriptor[88..]);
        IsoImages.Record([0], JolietRoot, IsoImages.Sector, 2).CopyTo(descriptor[156..]);
        Put(image, JolietRoot * IsoImages.Sector, [
            .. IsoImages.Record([0], JolietRoot, IsoImages.Sector, 2), .. IsoImages.Record([1], JolietRoot, IsoImages.Sector, 2),
            .. IsoImages.Record([0, 0x61, 4, 0x34], FirstFile, 500)]);
    }

    private static void Put(byte[] image, int place, byte[] bytes) => bytes.CopyTo(image, place);

    /// <summary>Every directory, until there are too many: a volume may hold itself.</summary>
    private static void Walk(Iso9660FileSystem volume)
    {
        var directories = new Queue<FileNode>([volume.Root]);
        var buffer = new byte[5000];
        var seen = 0;
        while (seen < MostNodes && directories.TryDequeue(out var directory))
        {
            seen++;
            var listing = volume.ListAsync(directory).AsTask().GetAwaiter().GetResult();
            if (!listing.IsSuccess)
                continue;
            foreach (var node in listing.Value.Nodes)
            {
                Require(node.Name.Length > 0 && node.Name.AsSpan().IndexOfAny('/', '\0') < 0 && node.Name is not ("." or ".."), $"the name '{node.Name}'");
                Require(node.Inode != 0, "the inode 0");
                if (node.Kind == FileNodeKind.Directory)
                    directories.Enqueue(node);
                if (node.Kind != FileNodeKind.File || seen++ >= MostNodes)
                    continue;
                foreach (var offset in (ulong[])[0, 1, 2049, node.Size - 1, node.Size, ulong.MaxValue])
                {
                    var read = volume.ReadAsync(node, offset, buffer).AsTask().GetAwaiter().GetResult();
                    var most = offset < node.Size ? Math.Min((ulong)buffer.Length, node.Size - offset) : 0;
                    Require(!read.IsSuccess || (ulong)read.Value == most, $"{(read.IsSuccess ? read.Value : 0)} bytes from {offset} on of {node.Size}");
                }
            }
        }
    }
}
