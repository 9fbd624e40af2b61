using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Testing;
using GuestOS.Testing.Guests;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hosted;

/// <summary>The guest of other tests binds drivers as the kernel does, and everything in it happens on one thread.</summary>
public sealed class SimulatedGuestTests
{
    [Fact]
    public void Verbs_of_one_device_come_one_after_another_in_their_order_on_the_tests_thread()
    {
        using var guest = new SimulatedGuest();
        var verbs = new SlowVerbs(guest);
        guest.Drivers.Add(verbs);
        var channel = guest.Host.Offer(new EchoDevice(1));
        guest.Run(guest.Bus.ConnectAsync(guest.SynIc));
        guest.RunUntil(() => verbs.Told.Count > 0);
        var suspend = guest.SuspendAsync();
        guest.Host.Rescind(channel);
        guest.RunUntil(() => guest.Busy == 3);
        var detach = guest.DetachAllAsync();
        Assert.Equal((4, "Probe"), (guest.Busy, Assert.Single(verbs.Told)));
        guest.Run(Task.WhenAll(suspend, detach));
        guest.RunUntil(() => guest.Busy == 0);
        Assert.Equal(["Probe", "Attach", "Start", "Suspend", "Detach"], verbs.Told);
        Assert.Equal([Environment.CurrentManagedThreadId], verbs.Threads);
        Assert.Empty(guest.Escaped);
    }

    [Fact]
    public void A_driver_that_refuses_its_device_is_detached()
    {
        using var guest = new SimulatedGuest();
        var verbs = new SlowVerbs(guest) { Refusal = "it is too old" };
        guest.Drivers.Add(verbs);
        guest.Host.Offer(new EchoDevice(1));
        guest.Connect();
        Assert.Equal(["Probe", "Detach"], verbs.Told);
        Assert.Equal(("it is too old", 0), (Assert.Single(guest.Failures), guest.Bound.Count));
    }

    [Fact]
    public void What_runs_on_another_thread_stops_the_clock()
    {
        using var guest = new SimulatedGuest();
        var other = new Thread(() => guest.Clock.CreateTimer(static _ => { }, null, TimeSpan.Zero, Timeout.InfiniteTimeSpan).Dispose());
        other.Start();
        other.Join();
        Assert.Contains(nameof(What_runs_on_another_thread_stops_the_clock), Assert.Throws<InvalidOperationException>(() => guest.Advance(1)).Message, StringComparison.Ordinal);
    }

    /// <summary>A driver and its one instance: each verb takes a while, and no two may overlap.</summary>
    private sealed class SlowVerbs(SimulatedGuest guest) : IDriver, IDriverInstance
    {
        private bool _isRunning;

        public List<string> Told { get; } = [];

        public HashSet<int> Threads { get; } = [];

        public string? Refusal { get; init; }

        public string Name => "slow";

        public IReadOnlyList<DeviceMatch> Matches { get; } = [new VmBusClassMatch(EchoDevice.Class)];

        public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device) => [];

        public IDriverInstance Create(DriverContext context) => this;

        public async ValueTask<string?> ProbeAsync(CancellationToken cancellationToken)
        {
            await RunAsync("Probe").ConfigureAwait(false);
            return Refusal;
        }

        public ValueTask AttachAsync(CancellationToken cancellationToken) => RunAsync("Attach");

        public ValueTask StartAsync(CancellationToken cancellationToken) => RunAsync("Start");

        public ValueTask SuspendAsync(CancellationToken cancellationToken) => RunAsync("Suspend");

        public ValueTask ResumeAsync(CancellationToken cancellationToken) => RunAsync("Resume");

        public ValueTask DetachAsync(CancellationToken cancellationToken) => RunAsync("Detach");

        private async ValueTask RunAsync(string verb)
        {
            Assert.False(_isRunning, $"{verb} begins before the verb before it ends.");
            _isRunning = true;
            Told.Add(verb);
            Threads.Add(Environment.CurrentManagedThreadId);
            await guest.Clock.After(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
            Threads.Add(Environment.CurrentManagedThreadId);
            _isRunning = false;
        }
    }
}
