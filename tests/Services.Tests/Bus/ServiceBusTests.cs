using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Sandbox.Integration;
using GuestOS.Sandbox.VmBus;
using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;
using Xunit;

namespace GuestOS.Services.Tests.Bus;

/// <summary>Whole services against the simulated host.</summary>
public sealed class ServiceBusTests
{
    public static TheoryData<ushort, ushort, ushort, ushort> Versions()
    {
        var data = new TheoryData<ushort, ushort, ushort, ushort>();
        foreach (ushort framework in new ushort[] { 1, 3 })
            foreach (var (service, major, minor) in new (ushort, ushort, ushort)[]
                { (1, 1, 0), (1, 3, 0), (2, 1, 0), (2, 3, 0), (2, 4, 0), (3, 1, 0), (3, 3, 0), (3, 3, 1), (3, 3, 2), (4, 1, 0), (4, 3, 0), (4, 4, 0) })
                data.Add(framework, service, major, minor);
        return data;
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_version_of_every_service_is_negotiated_and_serves(ushort framework, ushort service, ushort major, ushort minor)
    {
        using var bus = new ServiceBus();
        var provider = Make(bus, (IcMessageType)service, new IntegrationOptions { Frameworks = [new(framework, 0)], Services = [new(major, minor)] });
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Advance(10);
        Assert.Equal(IntegrationState.Ready, provider.State);
        Assert.Equal(new IcVersion(major, minor), provider.Service);
        var status = bus.Services.Status.Single(status => status.State != ServiceState.Absent);
        Assert.Equal((ServiceState.Negotiated, $"{framework}.0/{major}.{minor}"), (status.State, status.Versions));
        Serves(bus, provider);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_host_without_a_common_version_is_told_and_the_service_says_so(int service)
    {
        using var bus = new ServiceBus();
        var provider = Make(bus, (IcMessageType)service, new IntegrationOptions { Services = [new(77, 0)] });
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Advance(10);
        Assert.Equal(IntegrationState.Failed, provider.State);
        Assert.Contains(bus.Services.Status, status => status.State == ServiceState.Failed && status.Error is not null);
    }

    [Fact]
    public void Heartbeats_come_every_two_seconds_with_the_state_of_the_program()
    {
        using var bus = new ServiceBus();
        var provider = new HeartbeatProvider();
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Services.Heartbeat.State = ApplicationState.Healthy;
        bus.Advance(60);
        Assert.InRange(provider.Beats, 29, 32);
        Assert.Equal(0, provider.Missed);
        Assert.Equal(ApplicationState.Healthy, provider.Application);
    }

    [Fact]
    public void An_answer_that_finds_the_ring_full_goes_out_when_there_is_room()
    {
        using var bus = new ServiceBus();
        var provider = new HeartbeatProvider();
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Advance(10);
        var host = Assert.Single(bus.Host.Channels);
        var ring = host.Session!.Outbound;
        var (read, beats) = (ring.Out, provider.Beats);

        // Eight bytes behind the write index: no packet fits.
        ring.Out = (ring.In + 8) % ring.Size;
        bus.Advance(3);
        Assert.Equal(beats, provider.Beats);
        ring.Out = read;
        bus.Host.Transport.TrySignal(host.Session.TargetVp, Sint.VmBus, host.RelId.Value);
        bus.Advance(10);
        Assert.InRange(provider.Beats - beats, 4, 7);
        Assert.Equal(0, provider.TimedOut);
    }

    [Fact]
    public void A_clock_a_day_behind_is_set_at_once_and_one_a_little_ahead_little_by_little()
    {
        using var bus = new ServiceBus();
        bus.Wall.Offset = TimeSpan.FromDays(-1);
        var provider = new TimeSyncProvider(() => bus.ReferenceTime) { Transit = TimeSpan.FromMilliseconds(3) };
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Advance(2);
        Assert.InRange((bus.Wall.UtcNow - bus.Clock.GetUtcNow()).TotalMilliseconds, -5, 5);
        Assert.Single(bus.Wall.Moves);
        provider.Ahead = TimeSpan.FromMilliseconds(-40);
        bus.Advance(25);
        Assert.Contains(bus.Wall.Moves, move => move.StartsWith("slew -", StringComparison.Ordinal));
    }

    [Fact]
    public void The_host_reads_and_writes_keys()
    {
        using var bus = new ServiceBus();
        var provider = new KvpProvider();
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Advance(1);
        bus.Services.KeyValues.Guest.Set("build", "4711");
        var auto = provider.Enumerate(KvpPool.Auto);
        var guest = provider.Enumerate(KvpPool.Guest);
        var set = provider.Set(KvpPool.External, "Größe", "漢字");
        bus.Advance(1);
        Assert.Equal(("GuestOS", "1.2.3", "x86_64"), (auto["OSName"], auto["OSVersion"], auto["ProcessorArchitecture"]));
        Assert.Equal(IcStatus.NoMoreItems, auto.Status);
        Assert.Equal("4711", guest["build"]);
        Assert.Equal(IcStatus.Success, set.Status);
        Assert.Equal("漢字", bus.Services.KeyValues.External.Find("Größe"));
        bus.Services.KeyValues.Adapters.Set(new() { Id = "00:15:5d:00:00:01", Addresses = [System.Net.IPAddress.Loopback], PrefixLengths = [8] });
        var ip = provider.GetIp("00-15-5D-00-00-01");
        bus.Advance(1);
        Assert.Equal(("127.0.0.1", "255.0.0.0"), (KvpProvider.IpOf(ip)!.Addresses, KvpProvider.IpOf(ip)!.Subnets));
    }

    [Fact]
    public void The_host_powers_the_machine_off_and_other_requests_wait_meanwhile()
    {
        using var bus = new ServiceBus();
        var provider = new ShutdownProvider();
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Advance(1);
        var go = new TaskCompletionSource<bool>();
        bus.Services.Shutdown.Handlers.Add("slow", async (_, _) => await go.Task);
        var call = provider.Shutdown(ShutdownFlags.None, TimeSpan.FromSeconds(20), "maintenance");
        var second = provider.Shutdown(ShutdownFlags.None);
        bus.Advance(5);
        Assert.False(call.IsDone);
        go.SetResult(true);
        SpinWait.SpinUntil(() => bus.Power.Calls.Count == 2);
        bus.Advance(5);
        Assert.Equal((IcStatus.Success, IcStatus.Success), (call.Status, second.Status));
        Assert.Equal(["flush", "PowerOff"], bus.Power.Calls);
    }

    [Theory]
    [CombinatorialFaults]
    public void No_message_of_a_hostile_host_stops_a_service(int service, IntegrationFault fault)
    {
        using var bus = new ServiceBus(seed: (service * 100) + (int)fault);
        var provider = Make(bus, (IcMessageType)service, null);
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Advance(1);
        provider.Commit(fault);
        bus.Advance(1);
        // Requests of a host that has just taken back every version are refused, and it says so.
        bus.AllowsGuestErrors = fault is IntegrationFault.NegotiateUnknown or IntegrationFault.NegotiateNothing;
        // A negotiation that fails leaves nothing agreed on; the host negotiates again when it means it.
        provider.Renegotiate();
        bus.Advance(1);
        Assert.Equal(IntegrationState.Ready, provider.State);
        Serves(bus, provider);
        Assert.Empty(bus.Failures);
        Assert.Empty(bus.Broken);
    }

    [Fact]
    public void A_service_that_is_taken_back_at_any_step_serves_again_when_it_is_offered_again()
    {
        for (var step = 1; step <= 12; step++)
        {
            using var bus = new ServiceBus(seed: step);
            var provider = new HeartbeatProvider();
            bus.Host.Faults.RescindAtStep = step;
            var channel = bus.Host.Offer(provider);
            bus.Connect();
            bus.Advance(30);
            bus.Host.Faults.RescindAtStep = 0;
            if (channel.State is not HostChannelState.Open)
            {
                bus.Host.Offer(new HeartbeatProvider());
                bus.Advance(30);
            }

            Assert.Contains(bus.Services.Status, status => status is { Name: "heartbeat", State: ServiceState.Negotiated });
        }
    }

    [Fact]
    public void A_suspended_service_answers_when_it_goes_on()
    {
        using var bus = new ServiceBus();
        var provider = new HeartbeatProvider();
        bus.Host.Offer(provider);
        bus.Connect();
        bus.Advance(5);
        bus.Run(bus.Instance.SuspendAsync(default));
        var before = provider.Beats;
        bus.Advance(10);
        Assert.Equal(before, provider.Beats);
        bus.Run(bus.Instance.ResumeAsync(default));
        bus.Advance(10);
        Assert.True(provider.Beats > before);
    }

    private static IntegrationProvider Make(ServiceBus bus, IcMessageType service, IntegrationOptions? options) => service switch
    {
        IcMessageType.Heartbeat => new HeartbeatProvider(options),
        IcMessageType.KeyValue => new KvpProvider(options),
        IcMessageType.Shutdown => new ShutdownProvider(options),
        _ => new TimeSyncProvider(() => bus.ReferenceTime, options),
    };

    /// <summary>One request of the service gets what it should.</summary>
    private static void Serves(ServiceBus bus, IntegrationProvider provider)
    {
        switch (provider)
        {
            case HeartbeatProvider heartbeat:
                var beats = heartbeat.Beats;
                bus.Advance(5);
                Assert.True(heartbeat.Beats > beats);
                break;
            case KvpProvider kvp:
                var set = kvp.Set(KvpPool.External, "after", "all");
                bus.Advance(1);
                Assert.Equal(IcStatus.Success, set.Status);
                Assert.Equal("all", bus.Services.KeyValues.External.Find("after"));
                break;
            case ShutdownProvider shutdown:
                var call = shutdown.Shutdown(ShutdownFlags.Restart | ShutdownFlags.Force);
                bus.Advance(1);
                Assert.Equal(IcStatus.Success, call.Status);
                // A fault that was a sound request after all has ended the machine already.
                Assert.Contains(bus.Power.Calls, end => end is "Restart" or "PowerOff");
                break;
            case TimeSyncProvider time:
                bus.Wall.Offset = TimeSpan.FromSeconds(-100);
                var sync = time.Sync();
                bus.Advance(1);
                Assert.Equal(IcStatus.Success, sync.Status);
                Assert.InRange((bus.Wall.UtcNow - bus.Clock.GetUtcNow()).TotalSeconds, -1, 1);
                break;
        }
    }
}
