using GuestOS.Fuzz.Hostility;
using GuestOS.Sandbox.Integration;
using GuestOS.Services;
using GuestOS.Services.Frame;
using GuestOS.Services.KeyValue;
using GuestOS.Services.Protocol;
using GuestOS.Testing.Guests;

namespace GuestOS.Fuzz.Targets;

/// <summary>Heartbeat, shutdown, time and data exchange at once, each on its channel.</summary>
public sealed class ServiceTarget : ClientTarget
{
    internal static readonly GuestFacts Facts = new()
    {
        ServicesVersion = "1", OsName = "GuestOS", KernelVersion = "1.2.3", BuildNumber = "3", MajorVersion = "1", MinorVersion = "2",
    };

    private static readonly int Faults = Enum.GetValues<IntegrationFault>().Length;

    /// <inheritdoc/>
    public override string Name => "services";

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        using var guest = new SimulatedGuest();
        var wall = new FakeWallClock(guest.Clock);
        var services = new GuestServices(Facts, wall, new FakePower(), guest.Partition.Platform.Executor, guest.Clock, guest.Log);
        guest.Drivers.AddRange(services.Drivers);
        var heartbeat = new HeartbeatProvider();
        var shutdown = new ShutdownProvider();
        var time = new TimeSyncProvider(() => guest.Partition.ReferenceTime);
        var keys = new KvpProvider();
        IntegrationProvider[] all = [heartbeat, shutdown, time, keys];
        foreach (var provider in all)
            guest.Host.Offer(provider);
        var host = new HostileHost(
            guest,
            decisions,
            next => all[next.Next() % 4].Commit((IntegrationFault)(next.Next() % Faults)),
            next => all[next.Next() % 4].SendRaw(HostileHost.Bytes(next, next.Next())),
            next => all[next.Next() % 4].Renegotiate(),
            next => shutdown.Shutdown((ShutdownFlags)next.Next(), TimeSpan.FromSeconds(HostileHost.Number(next))),
            next => time.SendTime(Long(next), Long(next), (TimeSyncFlags)next.Next()),
            next => keys.Set((KvpPool)(next.Next() % 6), $"key {next.Next()}", HostileHost.Number(next)),
            next => keys.GetAt((KvpPool)(next.Next() % 6), HostileHost.Number(next)),
            next => keys.Delete((KvpPool)(next.Next() % 6), $"key {next.Next()}"));
        Survive(guest, host, () => Work(guest, services, keys, time), Prove);

        void Prove()
        {
            Connect(guest);
            guest.Clock.Advance(TimeSpan.FromSeconds(1));
            wall.Offset = TimeSpan.FromSeconds(-100);
            var (beats, set, sync) = (heartbeat.Beats, keys.Set(KvpPool.External, "after", "all"), time.Sync());
            guest.Clock.Advance(TimeSpan.FromSeconds(5));
            Require(heartbeat.Beats > beats, "no heartbeat");
            Require(set.Status == IcStatus.Success && services.KeyValues.External.Find("after") == "all", $"a key was not set: {set.Status}");
            Require(sync.Status == IcStatus.Success && (wall.UtcNow - guest.Clock.GetUtcNow()).Duration() < TimeSpan.FromSeconds(1), $"the clock was not set: {sync.Status}");
            var off = shutdown.Shutdown(ShutdownFlags.Force);
            guest.Clock.Advance(TimeSpan.FromSeconds(1));
            Require(off.Status == IcStatus.Success, $"no shutdown: {off.Status}");
            Require(services.Status.All(status => status.State == ServiceState.Negotiated), string.Join("; ", services.Status));
        }
    }

    private static void Work(SimulatedGuest guest, GuestServices services, KvpProvider keys, TimeSyncProvider time)
    {
        if (!TryConnect(guest))
            return;
        for (var round = 0; round < 16; round++)
        {
            services.KeyValues.Guest.Set("round", round.ToString(System.Globalization.CultureInfo.InvariantCulture));
            keys.GetAt(round % 2 == 0 ? KvpPool.Auto : KvpPool.Guest, (uint)round / 2);
            keys.Set(KvpPool.External, "a", "b");
            time.TellTime();
            guest.Clock.Advance(TimeSpan.FromMilliseconds(700));
            Require(services.KeyValues.External.Count <= KeyValuePool.MostKeys && services.KeyValues.HostFacts.Count <= KeyValuePool.MostKeys, "more keys than there may be");
        }

        guest.RunUntil(() => guest.Busy == 0);
    }

    private static ulong Long(Decisions next) => ((ulong)HostileHost.Number(next) << 32) | HostileHost.Number(next);
}
