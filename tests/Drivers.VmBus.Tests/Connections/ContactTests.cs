using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

public sealed class ContactTests
{
    public static TheoryData<string> Versions => [.. VmBusVersion.All.Select(version => version.ToString())];

    [Theory]
    [MemberData(nameof(Versions))]
    public void The_newest_version_that_the_host_speaks_is_found_step_by_step(string text)
    {
        Assert.True(VmBusVersion.TryParse(text, out var version));
        using var bus = new BusFixture(version, vpIndexOf: _ => 7);
        bus.Host.Offers.Add(ScriptedHost.Offer(3));
        bus.Connect();
        Assert.Equal((version, VmBusState.Connected, true), (bus.Bus.Version, bus.Bus.State, bus.Bus.AllOffersDelivered));
        Assert.Equal(["offered 3"], bus.Told);
        var contacts = bus.Host.Received.Where(message => message.Message[0] == (byte)MessageType.InitiateContact)
            .Select(message => MemoryMarshal.Read<InitiateContact>(message.Message)).ToArray();
        Assert.Equal(
            VmBusVersion.All.Where(one => one >= version && (version >= VmBusVersion.V5_0 || one < VmBusVersion.V5_0)), contacts.Select(contact => contact.Version));
        Assert.All(contacts, contact =>
        {
            Assert.Equal(7u, contact.TargetVp.Value);
            Assert.True(contact.ParentToChildMonitor != 0 && contact.ChildToParentMonitor != 0);
            if (contact.Version >= VmBusVersion.V5_0)
                Assert.Equal(2UL, contact.Target);
            else
                Assert.Equal(0UL, contact.Target % 4096);
        });
        var (connection, _) = bus.Host.Received.Single(message => message.Message[0] == (byte)MessageType.RequestOffers);
        Assert.Equal(version >= VmBusVersion.V5_0 ? bus.Host.MessageConnection : 1u, connection);
        Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        Assert.Equal((0, 0L), (bus.PagesInUse, bus.Bus.Counters.LeakedBytes));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Each_step_can_be_forced(string text)
    {
        Assert.True(VmBusVersion.TryParse(text, out var version));
        using var bus = new BusFixture(options: new VmBusOptions { HighestVersion = version });
        bus.Connect();
        Assert.Equal(version, bus.Bus.Version);
        Assert.Single(bus.Host.Types, MessageType.InitiateContact);
    }

    [Fact]
    public void The_contact_is_the_one_of_the_protocol_byte_for_byte()
    {
        using var bus = new BusFixture(VmBusVersion.V5_3, new VmBusOptions { HighestVersion = VmBusVersion.V5_3 });
        bus.Connect();
        var expected = Hex.Parse("""
            0e 00 00 00 00 00 00 00 03 00 05 00 00 00 00 00
            02 00 00 00 00 00 00 00
            """);
        Assert.Equal(40, bus.Host.Received[0].Message.Length);
        Assert.Equal(expected, bus.Host.Received[0].Message[..24]);
        Assert.Equal(4u, bus.Host.Received[0].Connection);
    }

    [Fact]
    public void A_client_id_is_told_from_6_0_on_and_what_is_granted_is_no_more_than_was_wanted()
    {
        var id = Guid.Parse("11111111-2222-3333-4444-555555555555");
        using var bus = new BusFixture(options: new VmBusOptions { ClientId = id });
        bus.Connect();
        Assert.Equal(56, bus.Host.Received[0].Message.Length);
        Assert.Equal(id, MemoryMarshal.Read<InitiateContactWithClient>(bus.Host.Received[0].Message).ClientId);
        Assert.Equal(FeatureFlags.ClientId, bus.Bus.Features);
        using var plain = new BusFixture();
        plain.Connect();
        Assert.Equal((40, FeatureFlags.None), (plain.Host.Received[0].Message.Length, plain.Bus.Features));
    }

    [Fact]
    public void An_answer_of_10_bytes_is_enough_below_5_0()
    {
        using var bus = new BusFixture(VmBusVersion.V4_0, new VmBusOptions { HighestVersion = VmBusVersion.V4_0 });
        bus.Host.Instead[MessageType.InitiateContact] = message =>
        {
            Assert.Equal(VmBusVersion.V4_0, MemoryMarshal.Read<InitiateContact>(message).Version);
            bus.Host.Send(Hex.Parse("0f 00 00 00 00 00 00 00 01 00"));
        };
        bus.Connect();
        Assert.Equal(VmBusVersion.V4_0, bus.Bus.Version);
    }

    [Fact]
    public void An_answer_without_a_connection_is_too_short_from_5_0_on()
    {
        using var bus = new BusFixture(VmBusVersion.V5_0, new VmBusOptions { HighestVersion = VmBusVersion.V5_0 });
        bus.Host.Instead[MessageType.InitiateContact] = _ => bus.Host.Send(Hex.Parse("0f 00 00 00 00 00 00 00 01 00 00 00"));
        Assert.Equal(VmBusErrorKind.TimedOut, bus.Fails(bus.Bus.ConnectAsync(bus.SynIc)).Kind);
        Assert.Equal(1, bus.Bus.Counters.ShortMessages);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0x0100_0001u)]
    [InlineData(0xFFFF_FFFFu)]
    public void V7_an_impossible_connection_is_no_contact(uint connection)
    {
        using var bus = new BusFixture(VmBusVersion.V5_3);
        bus.Host.MessageConnection = connection;
        var failure = bus.Fails(bus.Bus.ConnectAsync(bus.SynIc));
        Assert.Equal(VmBusErrorKind.Refused, failure.Kind);
        Assert.Equal(VmBusState.Disconnected, bus.Bus.State);
        // The host said yes: it may use the pages.
        Assert.Equal(3 * 4096, bus.Bus.Counters.LeakedBytes);
        bus.Host.MessageConnection = 0x1F;
        bus.Connect();
        Assert.Equal(0, bus.Bus.Counters.LeakedBytes);
    }

    [Fact]
    public void A_host_that_supports_the_version_and_fails_the_contact_is_reported()
    {
        using var bus = new BusFixture(VmBusVersion.V4_0, new VmBusOptions { HighestVersion = VmBusVersion.V4_0 });
        bus.Host.Instead[MessageType.InitiateContact] = _ => bus.Host.Send(Hex.Parse("0f 00 00 00 00 00 00 00 01 02 00 00 00 00 00 00"));
        var failure = bus.Fails(bus.Bus.ConnectAsync(bus.SynIc));
        Assert.Equal(VmBusErrorKind.Refused, failure.Kind);
        Assert.Contains("4.0", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Failure", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_VMBus_host_nothing_is_waited_for()
    {
        using var bus = new BusFixture(hostListens: false);
        var failure = bus.Fails(bus.Bus.ConnectAsync(bus.SynIc));
        Assert.Equal(VmBusErrorKind.Disconnected, failure.Kind);
        Assert.Equal(TimeSpan.Zero, bus.Machine.Clock.Elapsed);
        Assert.Equal(0, bus.PagesInUse);
    }

    [Fact]
    public void A_host_that_speaks_none_of_the_versions_is_reported_and_has_no_memory()
    {
        using var bus = new BusFixture(VmBusVersion.V2_4, new VmBusOptions { LowestVersion = VmBusVersion.V3_0 });
        var failure = bus.Fails(bus.Bus.ConnectAsync(bus.SynIc));
        Assert.Equal(VmBusErrorKind.Refused, failure.Kind);
        Assert.Contains("3.0", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, bus.PagesInUse);
    }

    [Fact]
    public void A_silent_host_is_waited_for_so_long_and_its_late_answer_is_dropped()
    {
        using var bus = new BusFixture(options: new VmBusOptions { AnswerTimeout = TimeSpan.FromSeconds(3) });
        bus.Host.Silent.Add(MessageType.InitiateContact);
        Assert.Equal(VmBusErrorKind.TimedOut, bus.Fails(bus.Bus.ConnectAsync(bus.SynIc)).Kind);
        Assert.Equal(TimeSpan.FromSeconds(3), bus.Machine.Clock.Elapsed);
        Assert.Equal((3 * 4096L, 1L), (bus.Bus.Counters.LeakedBytes, bus.Bus.Counters.TimeOuts));
        bus.Host.Answer(bus.Host.Received[0].Message);
        bus.Settle();
        Assert.Equal((1L, VmBusState.Disconnected), (bus.Bus.Counters.UnknownMessages, bus.Bus.State));
        bus.Host.Silent.Clear();
        bus.Connect();
        Assert.Equal((0L, 3), (bus.Bus.Counters.LeakedBytes, bus.PagesInUse));
    }

    [Fact]
    public void Giving_up_ends_the_wait_at_once_and_one_can_connect_again()
    {
        using var bus = new BusFixture();
        using var source = new CancellationTokenSource();
        bus.Host.Silent.Add(MessageType.InitiateContact);
        var task = bus.Bus.ConnectAsync(bus.SynIc, source.Token).AsTask();
        bus.Settle();
        Assert.Equal(VmBusState.Negotiating, bus.Bus.State);
        source.Cancel();
        Assert.Equal(VmBusErrorKind.Cancelled, Assert.Throws<VmBusException>(() => bus.Run(task)).Kind);
        bus.Host.Silent.Clear();
        bus.Connect();
        Assert.Equal(VmBusState.Connected, bus.Bus.State);
    }

    [Fact]
    public void Who_gives_up_the_wait_for_offers_leaves_the_connection_as_it_is()
    {
        using var bus = new BusFixture();
        using var source = new CancellationTokenSource();
        byte[]? request = null;
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Host.Instead[MessageType.RequestOffers] = message => request = message;
        var task = bus.Bus.ConnectAsync(bus.SynIc, source.Token).AsTask();
        bus.Settle();
        Assert.Equal(VmBusState.ReceivingOffers, bus.Bus.State);
        source.Cancel();
        Assert.Equal(VmBusErrorKind.Cancelled, Assert.Throws<VmBusException>(() => bus.Run(task)).Kind);
        bus.Host.Answer(request!);
        bus.Settle();
        Assert.Equal((VmBusState.Connected, 1), (bus.Bus.State, bus.Bus.Devices.Count));
    }

    [Fact]
    public void Connecting_twice_is_refused()
    {
        using var bus = new BusFixture();
        bus.Connect();
        Assert.Equal(VmBusErrorKind.WrongState, bus.Fails(bus.Bus.ConnectAsync(bus.SynIc)).Kind);
        Assert.Equal(VmBusErrorKind.WrongState, bus.Fails(bus.Bus.ResumeAsync()).Kind);
        Assert.Equal(VmBusState.Connected, bus.Bus.State);
    }

    [Fact]
    public void Second_answers_are_dropped_and_counted()
    {
        using var bus = new BusFixture(VmBusVersion.V4_0, new VmBusOptions { HighestVersion = VmBusVersion.V4_0 });
        bus.Host.Instead[MessageType.InitiateContact] = message =>
        {
            bus.Host.Answer(message);
            bus.Host.Answer(message);
        };
        bus.Connect();
        bus.Host.Send(MessageType.AllOffersDelivered);
        bus.Host.Send(MessageType.UnloadResponse);
        bus.Settle();
        Assert.Equal((3L, VmBusState.Connected), (bus.Bus.Counters.LateAnswers, bus.Bus.State));
    }

    [Fact]
    public void Offers_that_do_not_end_are_waited_for_so_long()
    {
        using var bus = new BusFixture(options: new VmBusOptions { OffersTimeout = TimeSpan.FromSeconds(2) });
        bus.Host.Instead[MessageType.RequestOffers] = _ => bus.Host.SendOffer(ScriptedHost.Offer(9));
        bus.Connect();
        Assert.Equal((TimeSpan.FromSeconds(2), VmBusState.Connected, false), (bus.Machine.Clock.Elapsed, bus.Bus.State, bus.Bus.AllOffersDelivered));
        Assert.Equal(["offered 9"], bus.Told);
        bus.Host.Send(MessageType.AllOffersDelivered);
        bus.Settle();
        Assert.True(bus.Bus.AllOffersDelivered);
    }

    [Fact]
    public void A_host_without_buffers_is_asked_again_in_order_and_for_a_bounded_time()
    {
        using var bus = new BusFixture(VmBusVersion.V4_0);
        var busy = 0;
        bus.Machine.Model.Hypercalls.Intercept = code => code == CallCode.PostMessage && busy++ % 3 != 2 ? CallStatus.InsufficientBuffers : null;
        bus.Connect();
        Assert.Equal(VmBusVersion.V4_0, bus.Bus.Version);
        Assert.True(bus.Bus.Counters.PostRetries >= 4);
        using var never = new BusFixture(VmBusVersion.V4_0, new VmBusOptions { PostTimeout = TimeSpan.FromSeconds(1) });
        never.Machine.Model.Hypercalls.Intercept = code => code == CallCode.PostMessage ? CallStatus.InsufficientBuffers : null;
        var failure = never.Fails(never.Bus.ConnectAsync(never.SynIc));
        Assert.Equal(VmBusErrorKind.Disconnected, failure.Kind);
        Assert.InRange(never.Machine.Clock.Elapsed.TotalSeconds, 1, 1.2);
        Assert.Equal(0, never.PagesInUse);
    }

    [Fact]
    public void A_flood_of_messages_waits_in_the_hypervisor_and_none_is_lost()
    {
        using var bus = new BusFixture();
        for (var i = 1u; i <= 500; i++)
            bus.Host.Offers.Add(ScriptedHost.Offer(i, instance: i));
        bus.Connect();
        Assert.Equal(Enumerable.Range(1, 500).Select(i => $"offered {i}"), bus.Told);
        Assert.Equal(500, bus.Bus.Snapshot().Count);
        Assert.Equal(500, bus.Bus.Devices.Count);
    }
}
