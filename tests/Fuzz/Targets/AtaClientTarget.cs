using System.Buffers.Binary;
using GuestOS.Drivers.Ata;
using GuestOS.Fuzz.Hostility;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// The ATA driver with a disk and a packet drive: registers that lie, IDENTIFY data and sense data with any bytes changed, drives that hang, send too
/// much or too little, lose interrupts, are pulled out or change their medium.
/// </summary>
public sealed class AtaClientTarget : DeviceTarget
{
    private const int Rounds = 16;

    /// <inheritdoc/>
    public override string Name => "ata-client";

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        var guest = new DeviceGuest();
        var image = new BlockImage(64 << 10);
        image.Fill(guest.Random, 64 << 10);
        using var controller = new IdeControllerModel(
            guest.Clock, guest.Random, guest.Memory, new IdeControllerOptions { IsNative = decisions.Next() % 4 == 3, HasBusMaster = decisions.Next() % 4 != 3 });
        var disk = controller.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions { BlockCount = 4096 }));
        var drive = controller.Channels[1].Attach(0, IdeDiscModel.With(image, interruptsForPacket: decisions.Next() % 2 == 1));
        IdeFaults[] faults = [disk.Faults, drive.Faults];
        foreach (var fault in faults)
        {
            var edits = Edits(decisions);
            fault.EditIdentify = data => Edit(data, edits);
        }

        var host = new HostileRegisters(
            decisions,
            next => faults[next.Next() % 2].StuckBusy++,
            next => faults[next.Next() % 2].StuckBusyAfterReset = next.Next() % 3,
            next => faults[next.Next() % 2].NoDataRequest++,
            next => faults[next.Next() % 2].ForgottenInterrupts += next.Next() % 8,
            next => faults[next.Next() % 2].ShortTransfers++,
            next => faults[next.Next() % 2].CrcErrors += next.Next() % 4,
            next => faults[next.Next() % 2].BusMasterErrors++,
            next => faults[next.Next() % 2].DmaStalls++,
            next => faults[next.Next() % 2].DeviceFaults++,
            next => faults[next.Next() % 2].Aborts += next.Next() % 4,
            next => faults[next.Next() % 2].Overruns++,
            next => faults[next.Next() % 2].Vanished = next.Next() % 2 == 0,
            next => faults[1].RaggedChunks = next.Next() % 2 == 0,
            next => drive.ChangeMedium(next.Next() % 2 == 0 ? null : image, next.Next() % 4),
            next => controller.Interrupts[next.Next() % controller.Interrupts.Count].InjectSpurious(),
            next => controller.Interrupts[next.Next() % controller.Interrupts.Count].LoseNext += next.Next() % 4);
        var pio = decisions.Next() % 4 == 1 ? "1" : "0";
        Survive(guest, () => Work(guest, controller, host, pio), () => Reform(host, drive, image, faults), () => Prove(guest, controller, host, pio, image));
        Require(host.HasLied || guest.Memory.Violations.IsEmpty, $"memory: {string.Join("; ", guest.Memory.Violations)}");
    }

    private static bool TryStart(DeviceGuest guest, IdeControllerModel controller, HostileRegisters host, string pio) => guest.TryStart(
        new AtaDriver(),
        controller.Pci,
        request => host.Over(controller.Open(request)),
        controller.OpenInterrupt,
        ("pio", pio));

    private static void Work(DeviceGuest guest, IdeControllerModel controller, HostileRegisters host, string pio)
    {
        if (!TryStart(guest, controller, host, pio))
            return;
        var buffers = new List<CallerBuffer>();
        var requests = new List<Task>();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var device in guest.Disks)
                requests.Add(RequestAsync(guest, device, buffers, round));
            guest.Clock.Advance(TimeSpan.FromMilliseconds(round == Rounds / 2 ? 5000 : 1));
        }

        guest.Run(Task.WhenAll(requests));
        Require(buffers.TrueForAll(buffer => buffer.PinCount == 0), "memory stays mapped");
        foreach (var buffer in buffers)
            ((IDisposable)buffer).Dispose();
    }

    private static async Task RequestAsync(DeviceGuest guest, IBlockDevice device, List<CallerBuffer> buffers, int round)
    {
        var (size, count) = (device.Geometry.BlockSize, device.Geometry.BlockCount);
        Require(size is >= 512 and <= 65536 && int.IsPow2(size), $"blocks of {size} bytes");
        var length = size * (1 + (round % 3));
        if (count < 8)
            length = size;
        var buffer = guest.Memory.AllocateCaller(length, round * 100);
        buffers.Add(buffer);
        var block = count < 8 ? 0 : (ulong)round % (count - 3);
        if (count == 0 && device is not IRemovableBlockDevice)
            return;
        var result = (round % 4) switch
        {
            1 when !device.Geometry.IsReadOnly => await device.WriteAsync(block, buffer.Memory).ConfigureAwait(false),
            2 => await device.FlushAsync().ConfigureAwait(false),
            3 when device is IRemovableBlockDevice removable => await removable.RefreshMediumAsync().ConfigureAwait(false),
            _ when count == 0 => BlockResult.Success,
            _ => await device.ReadAsync(block, buffer.Memory).ConfigureAwait(false),
        };
        Require(result.IsSuccess || result.Error.ToString().Length < 1000, "a long error");
    }

    private static void Reform(HostileRegisters host, IdeDiscModel drive, BlockImage image, IdeFaults[] faults)
    {
        host.Reform();
        drive.ChangeMedium(image);
        foreach (var fault in faults)
        {
            fault.EditIdentify = null;
            fault.Vanished = fault.RaggedChunks = false;
            fault.StuckBusy = fault.StuckBusyAfterReset = fault.NoDataRequest = fault.ForgottenInterrupts = fault.ShortTransfers = fault.CrcErrors = 0;
            fault.BusMasterErrors = fault.DmaStalls = fault.DeviceFaults = fault.Aborts = fault.Overruns = 0;
        }
    }

    /// <summary>What is written is read again, and the disc's content is what it is.</summary>
    private static void Prove(DeviceGuest guest, IdeControllerModel controller, HostileRegisters host, string pio, BlockImage image)
    {
        foreach (var interrupt in controller.Interrupts)
            interrupt.LoseNext = 0;
        Require(TryStart(guest, controller, host, pio), "a controller that behaves is not taken");
        Require(guest.Disks.Count == 2, $"{guest.Disks.Count} drives");
        var written = new byte[4096];
        guest.Random.NextBytes(written);
        var read = new byte[4096];
        guest.Run(RunAsync());
        Require(read.AsSpan().SequenceEqual(written), "the disk gives something else than was written");
        var disc = (IRemovableBlockDevice)guest.Disks[1];
        guest.Run(RefreshAsync());
        image.Read(2048, written);
        Require(read.AsSpan().SequenceEqual(written), "the disc gives something else than it holds");

        async Task RunAsync()
        {
            (await guest.Disks[0].WriteAsync(16, written).ConfigureAwait(false)).ThrowIfFailed();
            (await guest.Disks[0].ReadAsync(16, read).ConfigureAwait(false)).ThrowIfFailed();
        }

        async Task RefreshAsync()
        {
            (await disc.RefreshMediumAsync().ConfigureAwait(false)).ThrowIfFailed();
            (await disc.ReadAsync(1, read).ConfigureAwait(false)).ThrowIfFailed();
        }
    }

    private static List<(int Word, ushort Value)> Edits(Decisions decisions)
    {
        var edits = new List<(int Word, ushort Value)>();
        var value = decisions.Next();
        for (var count = value < 192 ? 0 : value % 8; count > 0; count--)
            edits.Add((decisions.Next(), (ushort)HostileHost.Number(decisions)));
        return edits;
    }

    /// <summary>Without the signature of word 255 the data has no checksum (ATA/ATAPI-6 8.15.61).</summary>
    private static void Edit(byte[] data, List<(int Word, ushort Value)> edits)
    {
        if (edits.Count > 0)
            data[510] = 0;
        foreach (var (word, value) in edits)
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(word * 2), value);
    }
}
