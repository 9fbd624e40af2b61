using System.Buffers.Binary;
using GuestOS.Drivers.Tulip;
using GuestOS.Fuzz.Hostility;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Tulip;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// The tulip driver with both chips: registers that lie, a serial ROM and descriptors with any bytes changed, statuses of frames that cannot be, a
/// chip that hangs, never stops, loses interrupts or is pulled out.
/// </summary>
public sealed class TulipClientTarget : DeviceTarget
{
    private const int Rounds = 16;
    private const int LongestFrame = 1532;

    /// <inheritdoc/>
    public override string Name => "tulip-client";

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        var guest = new DeviceGuest();
        var is21140 = decisions.Next() % 2 == 1;
        var srom = new TulipSromBuilder { Direction = 0x1F, Blocks = [is21140 ? TulipSromBuilder.Mii21140 : TulipSromBuilder.Mii21143] }.Build();
        var sound = srom.ToArray();
        for (var edits = decisions.Next() is >= 192 and var many ? many % 8 : 0; edits > 0; edits--)
            srom[decisions.Next() % srom.Length] = (byte)HostileHost.Number(decisions);
        using var model = new TulipModel(guest.Clock, guest.Memory, new TulipModelOptions { Is21140 = is21140, Srom = srom, Hashes = is21140, WritesBackLate = !is21140 });
        var faults = model.Faults;
        var phy = model.Phy.Registers.ToArray();

        // A chip that does not stop, or follows descriptors that the driver did not write, reads and writes anywhere.
        var hasOwnWill = false;
        var host = new HostileRegisters(
            decisions,
            next => faults.Vanished = next.Next() % 2 == 0,
            next => faults.Underflows += next.Next() % 4,
            next => faults.TransmitHangs = next.Next() % 2 == 0,
            next => hasOwnWill |= faults.NeverStops = next.Next() % 2 == 0,
            next => faults.BusErrors += next.Next() % 4,
            next => faults.Jabbers += next.Next() % 4,
            next => faults.LeaveOwned += next.Next() % 4,
            next => faults.StatusNoise = HostileHost.Number(next),
            next => faults.SromBitErrors += next.Next() % 4,
            next => Status(next, mask => faults.EditReceiveStatus = (good, _) => good ^ mask),
            next => Status(next, mask => faults.EditTransmitStatus = good => good ^ mask),
            next => hasOwnWill |= Spoil(guest, model, next),
            next => Deliver(model, next),
            _ => model.Interrupt.InjectSpurious(),
            next => model.Phy.Registers[next.Next() % model.Phy.Registers.Length] = (ushort)HostileHost.Number(next),
            next => model.Interrupt.LoseNext += next.Next() % 4);
        (string, string)[] options = [("srom", decisions.Next() % 2 == 0 ? "trust" : "check"), ("descriptors", decisions.Next() % 2 == 0 ? "ring" : "chained")];
        var driver = new TulipDriver();
        Survive(guest, () => Work(guest, driver, model, host, options), Reform, () => Prove(guest, driver, model, host, options));
        Require(host.HasLied || hasOwnWill || guest.Memory.Violations.IsEmpty, $"memory: {string.Join("; ", guest.Memory.Violations)}");

        void Reform()
        {
            host.Reform();
            sound.CopyTo(srom, 0);
            phy.CopyTo(model.Phy.Registers);
            faults.Vanished = faults.TransmitHangs = faults.NeverStops = false;
            faults.Underflows = faults.BusErrors = faults.Jabbers = faults.LeaveOwned = faults.SromBitErrors = 0;
            faults.StatusNoise = 0;
            faults.EditReceiveStatus = null;
            faults.EditTransmitStatus = null;
            model.Interrupt.LoseNext = 0;
        }
    }

    private static bool TryStart(DeviceGuest guest, TulipDriver driver, TulipModel model, HostileRegisters host, (string, string)[] options) =>
        guest.TryStart(driver, model.Pci, request => host.Over(model.Open(request)), _ => model.Interrupt, options);

    private static void Work(DeviceGuest guest, TulipDriver driver, TulipModel model, HostileRegisters host, (string, string)[] options)
    {
        if (!TryStart(guest, driver, model, host, options))
            return;
        var adapter = guest.Adapters[0];
        Require(adapter.Address.IsStation, $"the address {adapter.Address}");
        var tasks = new List<Task>();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < 8; i++)
                tasks.Add(AdapterTraffic.SendAsync(adapter, round % 3 == 0 ? 1514 : 60 + round));
            model.Deliver(Frame(adapter.Address, 100 + round));
            Take(adapter);
            if (round % 4 == 1)
                tasks.Add(adapter.SetFilterAsync(new ReceiveFilter { Promiscuous = round % 8 == 1, Multicast = [new MacAddress(0x0100_5E00_0001)] }).AsTask());
            if (round % 6 == 3)
                tasks.Add(AdapterTraffic.PauseAsync(adapter));
            guest.Clock.Advance(round == Rounds / 2 ? TimeSpan.FromSeconds(3) : TimeSpan.FromMilliseconds(1));
        }

        guest.Clock.Advance(TimeSpan.FromSeconds(3));
        guest.Detach();
        guest.Run(Task.WhenAll(tasks));
        Take(adapter);
    }

    /// <summary>A frame goes out as it was given, and one comes in as it was sent.</summary>
    private static void Prove(DeviceGuest guest, TulipDriver driver, TulipModel model, HostileRegisters host, (string, string)[] options)
    {
        var wire = new List<byte[]>();
        model.Transmitted = frame => wire.Add(frame.ToArray());
        Require(TryStart(guest, driver, model, host, options), "an adapter that behaves is not taken");
        guest.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var adapter = guest.Adapters[0];
        guest.Run(AdapterTraffic.SendAsync(adapter, 777));
        var sent = Frame(adapter.Address, 500);
        Require(model.Deliver(sent), "a frame for the adapter is not received");
        guest.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Require(wire.Count == 1 && wire[0].Length == 777 && wire[0].AsSpan(12).IndexOfAnyExcept((byte)0xA5) < 0, $"{wire.Count} frames went out");
        var received = Take(adapter);
        Require(received.Count == 1 && received[0].AsSpan().SequenceEqual(sent), $"{received.Count} frames came in");
    }

    private static byte[] Frame(MacAddress to, int length)
    {
        var frame = new byte[length];
        frame.AsSpan().Fill(0x5A);
        to.Write(frame);
        new MacAddress(0x0200_0000_0099).Write(frame.AsSpan(6));
        return frame;
    }

    private static void Status(Decisions next, Action<uint> set) => set(HostileHost.Number(next) ^ (HostileHost.Number(next) << 8));

    private static void Deliver(TulipModel model, Decisions next)
    {
        var frame = new byte[14 + next.Next(1600)];
        frame.AsSpan(0, 6).Fill(0xFF);
        for (var count = 1 + (next.Next() % 40); count > 0; count--)
            model.Deliver(frame);
    }

    /// <summary>A word of a ring: CSR3 and CSR4 say where they are. The chip then reads and writes wherever it says.</summary>
    private static bool Spoil(DeviceGuest guest, TulipModel model, Decisions next)
    {
        Span<byte> value = stackalloc byte[4];
        var ring = model[3 + (next.Next() % 2)] & ~3u;
        var place = next.Next(4096) & ~3;
        BinaryPrimitives.WriteUInt32LittleEndian(value, HostileHost.Number(next));
        guest.Memory.TryWrite(ring + (uint)place, value);
        return true;
    }

    private static List<byte[]> Take(INetworkDevice adapter) => AdapterTraffic.Take(adapter, LongestFrame);
}
