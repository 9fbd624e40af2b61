using FsCheck;
using FsCheck.Fluent;
using GuestOS.Kernel.FileSystems.Iso9660;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests.FileSystems;

/// <summary>Parsers against arbitrary bytes: an answer, never an exception.</summary>
public sealed class IsoFuzzTests
{
    [Fact]
    public void Directory_records() => Prop.ForAll<byte[]>(bytes =>
    {
        if (IsoDirectoryRecord.TryRead(bytes, out IsoDirectoryRecord record))
            Assert.InRange(record.Name.Length + record.SystemUse.Length, 1, bytes.Length);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void System_use_areas()
    {
        string[] signatures = ["SP", "CE", "ER", "NM", "PX", "SL", "TF", "CL", "RE", "ST", "PD", "XX"];
        Prop.ForAll<int>(seed =>
        {
            var random = new System.Random(seed);
            var area = new List<byte>();
            for (int i = random.Next(12); i >= 0; i--)
            {
                var data = new byte[random.Next(40)];
                random.NextBytes(data);
                byte[] entry = IsoImages.Entry(signatures[random.Next(signatures.Length)], data);
                if (random.Next(8) == 0)
                    entry[2] = (byte)random.Next(256);
                area.AddRange(entry);
            }

            var use = new SystemUse();
            use.TryTake([.. area]);
            _ = use.Name;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Volumes_with_random_directories() => Prop.ForAll<int>(seed =>
    {
        var random = new System.Random(seed);
        var image = new IsoImages { RootSystemUse = random.Next(2) == 0 ? IsoImages.Announce() : [] };
        for (int i = random.Next(20); i > 0; i--)
        {
            var name = new byte[random.Next(1, 20)];
            random.NextBytes(name);
            var use = new byte[random.Next(30)];
            random.NextBytes(use);
            byte[] record = IsoImages.Record(name, (uint)random.Next(80), (uint)random.Next(10_000), (byte)random.Next(256), use);
            if (random.Next(10) == 0)
                record[random.Next(record.Length)] ^= (byte)random.Next(256);
            image.Add(record);
        }

        var volume = Iso9660FileSystem.OpenAsync(new MemoryBlockDevice(image.Build(), 2048), new RecordingLog()).Result;
        if (volume.IsSuccess)
            _ = volume.Value.ListAsync(volume.Value.Root).AsTask().Result;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Dates() => Prop.ForAll<byte[]>(bytes =>
    {
        if (bytes.Length >= IsoTime.LongLength)
            IsoTime.ReadLong(bytes);
        if (bytes.Length >= IsoTime.ShortLength)
            IsoTime.ReadShort(bytes);
    }).QuickCheckThrowOnFailure();
}
