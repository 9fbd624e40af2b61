using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Fuzz.Hostility;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.Guests;

namespace GuestOS.Fuzz.Targets;

/// <summary>netvsc from the offer to the detach, sending, receiving and being reconfigured on two queues.</summary>
public sealed class NetworkClientTarget : ClientTarget
{
    private const int Rounds = 12;
    private const int LongestFrame = 1514 + 64;

    /// <inheritdoc/>
    public override string Name => "network-client";

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        var options = new Dictionary<string, string> { ["inline"] = "1", ["receive"] = "64", ["send"] = "64", ["copy"] = decisions.Next() % 2 == 0 ? "65536" : "0" };
        using var guest = new SimulatedGuest(new() { Processors = 2, Host = new VmBusHostOptions { StepsSingly = decisions.Next() % 4 == 0 }, DriverOptions = options });
        guest.Drivers.Add(new NetvscDriver());
        var cable = new NetworkSwitch();
        cable.Received = frame => cable.Inject(new SwitchFrame([.. frame.Data[6..12], .. frame.Data[..6], .. frame.Data[12..]]) { IsVerified = true });
        var provider = new NetworkProvider(cable) { Records = false };
        guest.Host.Offer(provider);
        var host = new HostileHost(
            guest,
            decisions,
            next => provider.Commit((NetworkFault)(next.Next() % ((int)NetworkFault.ResetComplete + 1))),
            next => provider.Commit((NetworkFault)(next.Next() % ((int)NetworkFault.ResetComplete + 1))),
            next => provider.SetLink(next.Next() % 2 == 0, HostileHost.Number(next)),
            _ => provider.ChangeNetwork(),
            _ => provider.KeepAlive(),
            next => provider.SendTable([.. Enumerable.Repeat(HostileHost.Number(next), 16)]),
            next => provider.AssociateVirtualFunction(next.Next() % 2 == 0, HostileHost.Number(next)));
        provider.Mangle = (_, answer) => host.Edit(answer);
        Survive(guest, host, () => Work(guest), () => Prove(guest, provider));
    }

    private static void Work(SimulatedGuest guest)
    {
        if (!TryConnect(guest))
            return;
        var tasks = new List<Task>();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var adapter in guest.Adapters.ToArray())
            {
                tasks.Add(AdapterTraffic.SendAsync(adapter, round % 3 == 0 ? 1514 : 60 + round));
                tasks.Add(AdapterTraffic.SendAsync(adapter, 300));
                Take(adapter);
                if (round % 4 == 1)
                    tasks.Add(adapter.SetFilterAsync(new ReceiveFilter { Promiscuous = round % 8 == 1 }).AsTask());
                if (round % 6 == 3)
                    tasks.Add(AdapterTraffic.PauseAsync(adapter));
            }

            guest.Clock.Advance(round == Rounds / 2 ? TimeSpan.FromSeconds(30) : TimeSpan.FromMilliseconds(1));
        }

        guest.RunUntil(() => guest.Busy == 0);
        guest.DetachAll();
        guest.Run(Task.WhenAll(tasks));
    }

    /// <summary>A frame goes to the switch, comes back, and is what was sent.</summary>
    private static void Prove(SimulatedGuest guest, NetworkProvider provider)
    {
        Connect(guest);
        provider.SetLink(true);
        guest.Settle();
        Require(guest.Adapters.Count == 1, "no adapter");
        var adapter = guest.Adapters[0];
        guest.Run(AdapterTraffic.SendAsync(adapter, 777));
        guest.Settle();
        var received = Take(adapter);
        Require(received.Count == 1 && received[0].AsSpan(12).IndexOfAnyExcept((byte)0xA5) < 0 && received[0].Length == 777, $"{received.Count} frames came back");
    }

    private static List<byte[]> Take(INetworkDevice adapter) => AdapterTraffic.Take(adapter, LongestFrame);
}
