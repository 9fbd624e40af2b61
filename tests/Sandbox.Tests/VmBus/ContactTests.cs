using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

public sealed class ContactTests : BusTest
{
    /// <summary>Protocol 11.1.</summary>
    [Fact]
    public void The_worked_example_of_contact_at_5_3()
    {
        Start();
        var request = Hex.Parse("""
            0e 00 00 00 00 00 00 00 03 00 05 00 00 00 00 00
            02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00
            """);
        Post(request, 4);
        Assert.Equal(Hex.Parse("0f 00 00 00 00 00 00 00 01 00 00 00 1f 00 00 00"), Guest.Take());
        Assert.Equal(VmBusVersion.V5_3, Host.Version);
    }

    [Fact]
    public void Every_version_up_to_the_highest_is_taken_and_the_others_are_not()
    {
        foreach (var highest in VmBusVersion.All)
        {
            Start(new VmBusHostOptions { HighestVersion = highest });
            foreach (var version in VmBusVersion.All)
            {
                var isNew = version >= VmBusVersion.V5_0;
                if (isNew && highest < VmBusVersion.V5_0)
                {
                    Assert.Equal(0x12, Guest.Post(4, HandGuest.Contact(version.Value, 0, 2)));
                    continue;
                }

                var answer = Connect(version.Value);
                Assert.Equal(version <= highest ? 1 : 0, answer[8]);
                Assert.Equal(version >= VmBusVersion.V6_0 && version <= highest ? 20 : 16, answer.Length);
                Assert.Equal(isNew && version <= highest ? 0x1Fu : 0u, HandGuest.Word(answer, 12));
                Assert.Equal(version <= highest ? version : null, Host.Version);
            }

            Assert.Empty(Host.GuestErrors);
            Dispose();
        }
    }

    [Fact]
    public void Numbers_between_the_versions_are_not_supported()
    {
        Start();
        foreach (var version in new uint[] { 0, 1, 0x20003, 0x50004, 0x60001, 0xFFFFFFFF })
            Assert.Equal(0, Connect(version, at16: 2)[8]);
        Assert.Null(Host.Version);
    }

    [Fact]
    public void Features_are_granted_from_6_0_on()
    {
        Start(new VmBusHostOptions { ServerMonitorPages = (0x100000, 0x101000) });
        Assert.Equal(0x20u | 0x04u, HandGuest.Word(Connect(0x60000, at16: 2 | (0x24UL << 32)), 16));
        Assert.Equal(FeatureFlags.PauseResume | FeatureFlags.ModifyConnection, Host.Features);
        Assert.Equal(16, Connect(0x50003, at16: 2 | (0x24UL << 32)).Length);
        Assert.Equal(FeatureFlags.None, Host.Features);
        Assert.Equal(0u, HandGuest.Word(Connect(0x60000, at16: 2 | (0x90UL << 32)), 16));
    }

    [Fact]
    public void The_hosts_own_monitor_pages_are_named()
    {
        Start();
        var pages = Guest.Allocate(2);
        var address = pages.PhysicalAddress.Value;
        using var host = new VmBusHost(new PartitionTransport(Guest.Partition), new VmBusHostOptions { ServerMonitorPages = (address, address + 4096) });
        Post(HandGuest.Contact(0x60000, 0, 2 | (0x40UL << 32)), 4);
        var answer = Guest.Take();
        Assert.Equal((40, 0x40u), (answer.Length, HandGuest.Word(answer, 16)));
        Assert.Equal((address, address + 4096), (BitConverter.ToUInt64(answer, 24), BitConverter.ToUInt64(answer, 32)));
    }

    [Fact]
    public void A_client_id_needs_the_longer_message()
    {
        Start();
        Post(HandGuest.Contact(0x60000, 0, 2 | (8UL << 32)), 4);
        Assert.Empty(Guest.Messages);
        Assert.Single(Host.GuestErrors);
        var message = HandGuest.Contact(0x60000, 0, 2 | (8UL << 32));
        Array.Resize(ref message, 56);
        Post(message, 4);
        Assert.Equal(8u, HandGuest.Word(Guest.Take(), 16));
    }

    [Theory]
    [InlineData(0x20004u)]
    [InlineData(0x30000u)]
    [InlineData(0x50000u)]
    public void One_monitor_page_without_the_other_fails(uint version)
    {
        Start();
        var page = Guest.Allocate(1).PhysicalAddress.Value;
        foreach (var (first, second) in new[] { (page, 0UL), (0UL, page) })
        {
            var answer = Connect(version, monitor1: first, monitor2: second);
            Assert.Equal((1, 2), (answer[8], answer[9]));
        }

        Assert.Null(Host.Version);
        Assert.Equal(2, Host.GuestErrors.Count);
    }

    [Fact]
    public void An_interrupt_page_that_is_no_memory_is_an_error_of_the_guest()
    {
        Start();
        Assert.Equal(1, Connect(0x20004, at16: 0x7FFF_F000)[8]);
        Assert.Single(Host.GuestErrors);
    }

    [Fact]
    public void Below_2_4_a_failure_is_an_unsupported_version()
    {
        Start();
        var answer = Connect(0x10001, 0, 0, Guest.Allocate(1).PhysicalAddress.Value, 0);
        Assert.Equal(0, answer[8]);
    }

    [Fact]
    public void Messages_go_to_the_processor_and_source_that_contact_names()
    {
        Start(processors: 3);
        Post(HandGuest.Contact(0x50000, 2, 5), 4);
        Assert.Equal((2, 5), (Guest.Messages.Peek().Processor, Guest.Messages.Dequeue().Sint));
        Port = 0x1F;
        Post(HandGuest.Words(3, 0));
        Assert.Equal((2, 5), (Guest.Messages.Peek().Processor, Guest.Messages.Dequeue().Sint));
        // The source is of 5.0; the processor of 3.0.
        Post(HandGuest.Contact(0x40000, 1, 5), 1);
        Assert.Equal((1, 2), (Guest.Messages.Peek().Processor, Guest.Messages.Dequeue().Sint));
        Post(HandGuest.Contact(0x20004, 1, 0), 1);
        Assert.Equal((0, 2), (Guest.Messages.Peek().Processor, Guest.Messages.Dequeue().Sint));
    }

    [Fact]
    public void Messages_on_the_wrong_connection_are_ignored()
    {
        Start();
        Connect(0x50000);
        Post(HandGuest.Words(3, 0), 1);
        Post(HandGuest.Words(3, 0), 4);
        Assert.Empty(Guest.Messages);
        Assert.Equal(2, Host.GuestErrors.Count);
        Post(HandGuest.Words(3, 0), 0x1F);
        Assert.Equal(4, Guest.Take()[0]);
        Assert.Equal(0x12, Guest.Post(0x20, HandGuest.Words(3, 0)));
    }

    [Fact]
    public void Qemus_answer_is_short_and_rounded_up()
    {
        Start(VmBusHostOptions.Qemu);
        Assert.Equal(Hex.Parse("0f 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00"), Connect(0x40000));
        Dispose();
        Start(VmBusHostOptions.Qemu with { RoundsMessagesUp = false });
        Assert.Equal(Hex.Parse("0f 00 00 00 00 00 00 00 01 00"), Connect(0x40000));
    }

    [Fact]
    public void Unload_is_answered_once_everything_is_gone_and_the_guest_may_come_back()
    {
        Start(new VmBusHostOptions { UnloadLatency = TimeSpan.FromSeconds(3) });
        var provider = new RecordingProvider();
        Host.Offer(provider);
        OpenChannel(ConnectAndList(0x50003)[0]);
        Post(HandGuest.Words(16, 0));
        Assert.Equal(CloseReason.Unloaded, Assert.Single(provider.Closed).Reason);
        Assert.Empty(Guest.Messages);
        Assert.Null(Host.Version);
        Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Hex.Parse("11 00 00 00 00 00 00 00"), Guest.Take());
        Assert.Single(ConnectAndList(0x40000));
        Assert.Empty(Host.GuestErrors);
        Assert.Empty(Memory.Violations);
    }

    [Fact]
    public void A_new_contact_resets_everything()
    {
        Start();
        var provider = new RecordingProvider();
        Host.Offer(provider);
        var channel = OpenChannel(ConnectAndList(0x50003)[0]);
        Assert.Equal(1, Host.GpadlCount);
        var offers = ConnectAndList(0x30000, at16: 0);
        Assert.Equal(CloseReason.Reset, Assert.Single(provider.Closed).Reason);
        Assert.Equal(0, Host.GpadlCount);
        Assert.Single(offers);
        // The old connection of messages and of the channel's signals is gone.
        Assert.Equal(0x12, Guest.Post(0x1F, HandGuest.Words(3, 0)));
        channel.Buffer.Dispose();
        Assert.Empty(Memory.Violations);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(30u)]
    [InlineData(0xFFFFFFFFu)]
    public void Unknown_and_reversed_types_are_ignored(uint type)
    {
        Start();
        Connect(0x50003);
        Post(HandGuest.Words(type, 0, 1, 1, 1));
        Post([1, 2]);
        Post([]);
        Assert.Empty(Guest.Messages);
        Assert.Equal(3, Host.GuestErrors.Count);
        Post(HandGuest.Words(3, 0));
        Assert.Equal(4, Guest.Take()[0]);
    }

    [Fact]
    public void A_message_shorter_than_its_type_is_ignored()
    {
        Start();
        Host.Offer(new RecordingProvider());
        ConnectAndList(0x60000, at16: 2 | (0x25UL << 32));
        var types = new (int Type, int Length)[]
        {
            (3, 8), (5, 156), (7, 12), (8, 28), (9, 16), (11, 16), (13, 12), (14, 40), (16, 8), (18, 28), (19, 20), (21, 56), (22, 16), (25, 24), (27, 8), (29, 8),
        };
        foreach (var (type, length) in types)
        {
            var before = Host.GuestErrors.Count;
            var message = new byte[length - 1];
            message[0] = (byte)type;
            Post(message);
            Assert.Equal(before + 1, Host.GuestErrors.Count);
        }

        Assert.Empty(Guest.Messages);
        Assert.NotNull(Host.Version);
    }

    [Theory]
    [InlineData(22u, 0x40000u)]
    [InlineData(21u, 0x30000u)]
    [InlineData(18u, 0x30000u)]
    [InlineData(25u, 0x60000u)]
    [InlineData(27u, 0x60000u)]
    [InlineData(25u, 0x50003u)]
    public void Messages_of_later_versions_and_other_features_are_ignored(uint type, uint version)
    {
        Start();
        Connect(version);
        var message = new byte[156];
        message[0] = (byte)type;
        Post(message);
        Assert.Empty(Guest.Messages);
        Assert.Single(Host.GuestErrors);
    }

    [Fact]
    public void The_hosts_buffers_for_messages_are_bounded()
    {
        Start(new VmBusHostOptions { MostWaitingMessages = 3 });
        Connect(0x50003);
        for (var i = 0; i < 3; i++)
            Assert.Equal(0, Guest.Post(0x1F, HandGuest.Words(7, 0, 99)));
        Assert.Equal(0x13, Guest.Post(0x1F, HandGuest.Words(7, 0, 99)));
        Settle();
        Assert.Equal(0, Guest.Post(0x1F, HandGuest.Words(7, 0, 99)));
    }

    [Fact]
    public void Paused_messages_wait()
    {
        Start();
        var first = Host.Offer(new RecordingProvider());
        ConnectAndList(0x60000, at16: 2 | (0x20UL << 32));
        Post(HandGuest.Words(27, 0));
        Assert.Equal(Hex.Parse("1c 00 00 00 00 00 00 00"), Guest.Take());
        Host.Rescind(first);
        Settle();
        Assert.Empty(Guest.Messages);
        Post(HandGuest.Words(29, 0));
        Assert.Equal(Hex.Parse("02 00 00 00 00 00 00 00 01 00 00 00"), Guest.Take());
    }
}
