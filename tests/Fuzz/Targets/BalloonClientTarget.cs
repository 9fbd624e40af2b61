using GuestOS.Drivers.Synthetic.Balloon;
using GuestOS.Fuzz.Hostility;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.DynamicMemory;
using GuestOS.Sandbox.Memory;
using GuestOS.Testing.Guests;

namespace GuestOS.Fuzz.Targets;

/// <summary>Dynamic memory at every version: no page is lost or had twice, whatever the host takes, gives back and adds.</summary>
public sealed class BalloonClientTarget : ClientTarget
{
    private const ulong Pages = 256 * 256;
    private static readonly int Faults = Enum.GetValues<DynamicMemoryFault>().Length;
    private static readonly string[] Versions = ["2.0", "1.0", "0.3"];

    /// <inheritdoc/>
    public override string Name => "balloon-client";

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        var memory = new SimulatedDynamicMemory(Pages);
        using var guest = new SimulatedGuest(new()
        {
            DynamicMemory = memory,
            DriverOptions = new Dictionary<string, string> { ["inline"] = "1", ["version"] = Versions[decisions.Next() % Versions.Length] },
        });
        guest.Drivers.Add(new BalloonDriver());
        var provider = new DynamicMemoryProvider(new DynamicMemoryOptions { MostPagesAtATime = 4096, MostRangesPerMessage = 3 });
        guest.Host.Offer(provider);
        var host = new HostileHost(
            guest,
            decisions,
            next => provider.Commit((DynamicMemoryFault)(next.Next() % Faults)),
            next => provider.Commit((DynamicMemoryFault)(next.Next() % Faults)),
            next => provider.SendRaw(MessageOf(next)),
            next => provider.SendRaw(MessageOf(next)),
            next => provider.Balloon(HostileHost.Number(next)),
            next => provider.Unballoon(HostileHost.Number(next)),
            next => provider.HotAdd(new PageRange(HostileHost.Number(next), HostileHost.Number(next) % 100_000)),
            _ => memory.WasteFree(16));
        Survive(guest, host, () => Work(guest, provider, memory), () => Prove(guest, provider, memory));
        Judge(memory);
    }

    private static void Work(SimulatedGuest guest, DynamicMemoryProvider provider, SimulatedDynamicMemory memory)
    {
        if (!TryConnect(guest))
            return;
        for (var round = 0; round < 12; round++)
        {
            provider.BalloonTo(round % 3 == 0 ? 3000u : 500);
            if (round % 4 == 2)
                provider.HotAdd(new PageRange(0x10_0000 + ((ulong)round * 4096), 1024));
            guest.Clock.Advance(TimeSpan.FromMilliseconds(300));
            Judge(memory);
        }

        guest.RunUntil(() => guest.Busy == 0);
    }

    private static void Prove(SimulatedGuest guest, DynamicMemoryProvider provider, SimulatedDynamicMemory memory)
    {
        Connect(guest);
        Require(guest.Balloons.Count == 1, "no balloon");
        guest.Clock.Advance(TimeSpan.FromSeconds(3));
        var finished = provider.Finished;
        provider.Balloon(8);
        guest.Clock.Advance(TimeSpan.FromSeconds(3));
        Require(provider.Finished == finished + 1, $"no answer to a request for pages in state {provider.State}; {memory.Read()}");

        // What a dishonest host has talked the guest out of is gone, so the guest may be at its floor and have given nothing.
        if (provider.Ballooned.Count == 0)
            return;
        provider.Unballoon(8);
        guest.Clock.Advance(TimeSpan.FromSeconds(3));
        Require(provider.Finished == finished + 2, $"no answer to pages that come back in state {provider.State}; {memory.Read()}");
    }

    private static void Judge(SimulatedDynamicMemory memory)
    {
        var figures = memory.Read();
        Require(figures.Total == figures.Free + figures.Taken + figures.Committed, $"pages are lost: {figures}");
    }

    /// <summary>A message with a sound head, more often than not.</summary>
    private static byte[] MessageOf(Decisions next)
    {
        var message = HostileHost.Bytes(next, next.Next() % 80);
        if (message.Length < 8)
            return message;
        message[0] = (byte)(next.Next() % 16);
        message[1] = 0;
        if (next.Next() % 4 != 0)
            (message[2], message[3]) = ((byte)message.Length, 0);
        return message;
    }
}
