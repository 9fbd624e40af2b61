using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>A machine with one accelerator, or one SCSI controller with one disk, started.</summary>
internal sealed class StorageFixture : IDisposable
{
    public static readonly Guid ScsiInstance = new("9f3a1c52-0d5e-4d4b-9a63-0c1b5b7a0001");
    private const long ImageLength = 8 << 20;

    private StorageFixture(StorageMachine machine, StorageProvider provider, ScsiDisk unit, BlockImage image, int seed)
    {
        Machine = machine;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Provider = provider;
        Unit = unit;
        Image = image;
        Channel = machine.Host.Offer(provider);
    }

    public StorageMachine Machine { get; }

    public StorageProvider Provider { get; }

    public ScsiDisk Unit { get; }

    public BlockImage Image { get; }

    public HostChannel Channel { get; }

    public StorageDisk Disk => (StorageDisk)Machine.Disks[0];

    public static StorageFixture Ide(
        StorageProviderOptions? options = null, ScsiDiskOptions? disk = null, int seed = 1, bool connect = true, Action<StorageProvider>? prepare = null)
    {
        var image = new BlockImage(ImageLength);
        image.Fill(new Random(seed), ImageLength);
        var unit = new ScsiDisk(image, disk) { Identity = new ScsiIdentity { Serial = "VHD-0001" } };
        var fixture = new StorageFixture(new StorageMachine(seed), StorageProvider.Ide(0, 1, unit, options), unit, image, seed);
        prepare?.Invoke(fixture.Provider);
        if (connect)
            fixture.Machine.Connect();
        return fixture;
    }

    public static StorageFixture Scsi(
        StorageProviderOptions? options = null,
        ScsiDiskOptions? disk = null,
        int seed = 1,
        int processors = 1,
        bool connect = true,
        Action<StorageProvider>? prepare = null,
        VmBusHostOptions? host = null)
    {
        var image = new BlockImage(ImageLength);
        image.Fill(new Random(seed), ImageLength);
        var unit = new ScsiDisk(image, disk) { Identity = new ScsiIdentity { Serial = "VHD-0001" } };
        var bus = new ScsiBus();
        bus.Add(new ScsiAddress(0, 0, 0), unit);
        var fixture = new StorageFixture(
            new StorageMachine(seed, processors, host: host), StorageProvider.Scsi(ScsiInstance, bus, options), unit, image, seed);
        prepare?.Invoke(fixture.Provider);
        if (connect)
            fixture.Machine.Connect();
        return fixture;
    }

    public byte[] Content(ulong block, int length)
    {
        var bytes = new byte[length];
        Image.Read((long)block * 512, bytes);
        return bytes;
    }

    public void Dispose() => Machine.Dispose();
}
