using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hosted;

/// <summary>Against hosts that keep to the protocol everything works, at every version, in every order, and nothing is left behind.</summary>
public sealed class WellBehavedHostTests
{
    public static TheoryData<string> Versions => [.. VmBusVersion.All.Select(version => version.ToString())];

    [Theory]
    [MemberData(nameof(Versions))]
    public void All_goes_well_at_every_version(string text)
    {
        Assert.True(VmBusVersion.TryParse(text, out var version));
        Live(new VmBusHostOptions { HighestVersion = version }, seed: 1);
    }

    [Theory]
    [InlineData("4.0")]
    [InlineData("3.0")]
    [InlineData("2.4")]
    [InlineData("1.1")]
    [InlineData("0.13")]
    public void All_goes_well_on_a_host_like_QEMUs(string text)
    {
        Assert.True(VmBusVersion.TryParse(text, out var version));
        Live(VmBusHostOptions.Qemu with { HighestVersion = version }, seed: 2);
    }

    [Fact]
    public void All_goes_well_on_a_host_that_answers_no_teardown_after_a_rescind() =>
        Live(new VmBusHostOptions { AnswersTeardownAfterRescind = false, MostWaitingMessages = 2, MessageLatency = TimeSpan.FromMilliseconds(1) }, seed: 3);

    [Fact]
    public void All_goes_well_in_any_order_of_things()
    {
        for (var seed = 1; seed <= 33; seed++)
            Live(new VmBusHostOptions { HighestVersion = VmBusVersion.All[seed % VmBusVersion.All.Count] }, seed, interleaves: seed % 2 == 0);
    }

    [Fact]
    public void Monitored_channels_work_by_the_hosts_looking_at_their_bits()
    {
        using var bus = new HostedBus(new VmBusHostOptions { HighestVersion = VmBusVersion.V4_0 });
        bus.Host.Offer(new EchoDevice(1, TimeSpan.FromMilliseconds(1)));
        var scenario = bus.NewScenario(1);
        bus.Run(scenario.RunAsync());
        Assert.Empty(scenario.Failures);
        Assert.True(bus.Host.MonitoredSignals > 0);
        bus.AssertClean();
    }

    /// <summary>Takes every device back at each single step of host's work, whatever the guest is doing then.</summary>
    [Fact]
    public void A_rescind_at_any_step_at_all_is_survived_and_nothing_is_left_behind()
    {
        var last = 0;
        for (var step = 1; step <= 1 + last || last == 0; step = step < 40 ? step + 1 : step + 11)
        {
            using var bus = new HostedBus(new VmBusHostOptions { HighestVersion = VmBusVersion.All[step % VmBusVersion.All.Count] }, seed: step);
            bus.Host.Offer(new EchoDevice(1));
            bus.Host.Faults.RescindAtStep = step;
            var scenario = bus.NewScenario(step);
            bus.Run(scenario.RunAsync());
            bus.Machine.Clock.Advance(TimeSpan.FromSeconds(30));
            bus.AssertSound();
            Assert.Empty(bus.Machine.Memory.Violations);
            Assert.True(bus.Bus.Counters.LeakedBytes == 0, $"step {step}: {bus.Bus.Counters}");
            if (bus.Host.Steps < step)
                return;
            last = bus.Host.Steps;
            // What was posted before the guest knew of the rescind may still come in.
            var errors = bus.Host.GuestErrors.Where(error => !error.StartsWith("GPADL_BODY", StringComparison.Ordinal)).ToArray();
            Assert.True(errors.Length == 0, $"step {step}: {string.Join("; ", errors)}");
        }
    }

    [Fact]
    public void A_device_that_is_taken_back_and_offered_again_works_again()
    {
        using var bus = new HostedBus();
        var channel = bus.Host.Offer(new EchoDevice(1));
        bus.Run(bus.Bus.ConnectAsync(bus.SynIc).AsTask());
        for (var i = 0; i < 5; i++)
        {
            var device = Assert.Single(bus.Bus.Devices);
            bus.Run(device.Channel.OpenAsync(new() { Handler = new TestHandler() }).AsTask());
            bus.Run(device.Channel.RequestAsync(new byte[] { 1 }, new byte[8], TimeSpan.FromSeconds(1)));
            bus.Host.Rescind(channel);
            bus.Host.OfferAgain(channel);
            bus.Machine.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["offered 00000001", .. Enumerable.Repeat((string[])["rescinded 00000001", "offered 00000001"], 5).SelectMany(one => one)], bus.Told);
        Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        bus.AssertClean();
    }

    private static void Live(VmBusHostOptions options, int seed, bool interleaves = false)
    {
        using var bus = new HostedBus(options, seed: seed, interleaves: interleaves);
        for (byte i = 1; i <= 3; i++)
            bus.Host.Offer(new EchoDevice(i));
        var scenario = bus.NewScenario(seed);
        bus.Run(scenario.RunAsync());
        Assert.True(scenario.Failures.Count == 0, $"seed {seed}: {string.Join("; ", scenario.Failures)}");
        Assert.True(scenario.Successes > 100);
        bus.Machine.Clock.Advance(TimeSpan.FromSeconds(1));
        bus.AssertClean();
    }
}
