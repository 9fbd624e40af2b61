using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using GuestOS.Testing.Guests;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// storvsc, from the offer to the detach, with a host that does to every answer whatever the input says, sends messages of its own, changes its
/// logical units and takes the channel back at any time. Every request ends; no memory is touched that is not the host's; none stays mapped;
/// the log stays short.
/// </summary>
public sealed class StorageClientTarget : FuzzTarget
{
    private const int Rounds = 24;
    private static readonly Guid Instance = new("9f3a1c52-0d5e-4d4b-9a63-0c1b5b7a0001");

    /// <inheritdoc/>
    public override string Name => "storage-client";

    /// <inheritdoc/>
    public override int MostBytes => 256;

    /// <inheritdoc/>
    public override int TestCount => 100;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        using var machine = new SimulatedGuest(new() { Processors = 2, DriverOptions = new Dictionary<string, string> { ["inline"] = "1" } });
        machine.Drivers.Add(new StorvscDriver());
        var bus = new ScsiBus();
        var disk = new ScsiDisk(new BlockImage(1 << 20)) { Identity = new ScsiIdentity { Serial = "1" } };
        bus.Add(new ScsiAddress(0, 0, 0), disk);
        bus.Add(new ScsiAddress(0, 0, 3), new ScsiOptical(new BlockImage(2048 * 16)) { Identity = new ScsiIdentity() });
        var provider = StorageProvider.Scsi(Instance, bus, new StorageProviderOptions { MaxSubchannels = 1 });
        provider.Faults.EditAnswer = (_, answer) => Edit(decisions, provider.Faults, answer);
        provider.Faults.Before = (_, command) => Interfere(decisions, command);
        var channel = machine.Host.Offer(provider);
        var buffers = new List<CallerBuffer>();
        machine.Connect();
        var requests = new List<Task>();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var device in machine.Disks.ToArray())
                requests.Add(Request(machine, device, buffers, round));
            switch (decisions.Next() % 16)
            {
                case 8:
                    provider.SendEvent((StorageOperation)decisions.Next());
                    break;
                case 9:
                    machine.Host.Rescind(channel);
                    break;
                case 10:
                    machine.Host.OfferAgain(channel);
                    break;
                case 11:
                    disk.Resize(new BlockImage((1 + decisions.Next(2048)) * 512L));
                    break;
                case 12:
                    bus.Remove(new ScsiAddress(0, 0, 0));
                    break;
                case 13 when bus.Find(new ScsiAddress(0, 0, 0)) is null:
                    bus.Add(new ScsiAddress(0, 0, 0), disk);
                    break;
                case 14:
                    machine.Clock.Advance(TimeSpan.FromSeconds(decisions.Next()));
                    break;
                default:
                    machine.Clock.Advance(TimeSpan.FromMilliseconds(1));
                    break;
            }
        }

        machine.Run(Task.WhenAll(requests));
        machine.RunUntil(() => machine.Busy == 0);
        machine.DetachAll();
        Require(machine.Memory.Violations.IsEmpty, $"memory: {string.Join("; ", machine.Memory.Violations)}");
        Require(buffers.TrueForAll(buffer => buffer.PinCount == 0), "memory stays mapped");
        Require(machine.Disks.Count == 0, "a device is left");
        Require(machine.Log.Lines.Count < 1000, $"{machine.Log.Lines.Count} lines in the log");
    }

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds() =>
    [
        [],
        [.. Enumerable.Repeat((byte)8, 64)],
        [.. Enumerable.Range(0, 256).Select(i => (byte)i)],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 10, 0, 0, 9, 10],
        [0, 0, 0, 0, 0, 12, 0, 13, 14, 60, 11, 0, 5],
    ];

    private static async Task Request(SimulatedGuest machine, IBlockDevice device, List<CallerBuffer> buffers, int round)
    {
        var buffer = machine.Memory.AllocateCaller(device.Geometry.BlockSize * (1 + (round % 3)), round * 100);
        buffers.Add(buffer);
        var result = (round % 4) switch
        {
            0 => await device.WriteAsync((ulong)round, buffer.Memory).ConfigureAwait(false),
            1 => await device.FlushAsync().ConfigureAwait(false),
            2 => await device.DiscardAsync((ulong)round, 3).ConfigureAwait(false),
            _ => await device.ReadAsync((ulong)round, buffer.Memory).ConfigureAwait(false),
        };
        Require(result.IsSuccess || result.Error.ToString().Length < 1000, "a long error");
    }

    private static byte[]? Edit(Decisions decisions, StorageFaults faults, byte[] answer)
    {
        switch (decisions.Next() % 24)
        {
            case 16:
                answer[decisions.Next(answer.Length)] ^= (byte)(decisions.Next() | 1);
                return answer;
            case 17:
                return answer[..decisions.Next(answer.Length)];
            case 18:
                return null;
            case 19:
                answer.AsSpan(decisions.Next(answer.Length / 4) * 4, 4).Fill(0xFF);
                return answer;
            case 20:
                for (var i = 0; i < answer.Length; i++)
                    answer[i] = (byte)decisions.Next();
                return answer;
            case 21:
                faults.Doubled = 1;
                return answer;
            case 22:
                faults.Strays = 1;
                return answer;
            case 23:
                return [.. answer, .. new byte[decisions.Next(2000)]];
            default:
                return answer;
        }
    }

    private static bool Interfere(Decisions decisions, ScsiCommand command)
    {
        switch (decisions.Next() % 16)
        {
            case 12:
                var junk = new byte[decisions.Next(64)];
                for (var i = 0; i < junk.Length; i++)
                    junk[i] = (byte)decisions.Next();
                command.Return(junk, int.MaxValue);
                return true;
            case 13:
                command.End((SrbStatus)(decisions.Next() & (int)SrbStatus.CodeMask), null, (ScsiStatus)decisions.Next());
                return true;
            case 14:
                command.Fail(new SenseData((SenseKey)(decisions.Next() & 0xF), (byte)decisions.Next(), (byte)decisions.Next()));
                return true;
            case 15:
                command.Transferred = decisions.Next(4096);
                return true;
            default:
                return false;
        }
    }
}
