using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using GuestOS.Services.Frame;
using GuestOS.Services.Heartbeat;
using GuestOS.Services.Protocol;
using Xunit;

namespace GuestOS.Services.Tests;

/// <summary>The framework that all services share.</summary>
public sealed class FrameTests
{
    /// <summary>The worked negotiation of the protocol: the host's request on the heartbeat channel.</summary>
    private const string NegotiateRequest = """
        01 00 00 00 2c 00 00 00 00 00 00 00 00 00 00 00
        00 00 18 00 00 00 00 00 00 03 00 00 02 00 02 00
        00 00 00 00 01 00 00 00 03 00 00 00 01 00 00 00
        03 00 00 00
        """;

    [Fact]
    public void The_answer_to_the_worked_negotiation_is_the_one_that_hosts_are_known_to_take()
    {
        var message = Hex.Parse(NegotiateRequest);
        var harness = new FrameHarness(new HeartbeatService());
        Assert.Equal(IcFrameOutcome.Negotiated, harness.Send(message).Outcome);
        Assert.Equal(
            Hex.Parse("""
                01 00 00 00 2c 00 00 00 00 00 00 00 00 00 00 00
                00 00 10 00 00 00 00 00 00 05 00 00 01 00 01 00
                00 00 00 00 03 00 00 00 03 00 00 00 01 00 00 00
                03 00 00 00
                """),
            message);
        Assert.Equal(new IcVersion(3, 0), harness.Frame.Version);
    }

    [Theory]
    [InlineData(new[] { 1, 3 }, new[] { 3, 1 }, 3, 3)]
    [InlineData(new[] { 3, 1 }, new[] { 1 }, 3, 1)]
    [InlineData(new[] { 1 }, new[] { 9, 3, 7 }, 1, 3)]
    public void The_highest_common_version_is_chosen_whatever_the_order(int[] frameworks, int[] services, int framework, int service)
    {
        var harness = new FrameHarness(new HeartbeatService());
        harness.Negotiate(Versions(frameworks), Versions(services));
        Assert.Equal(new IcVersion((ushort)framework, 0), harness.Frame.Framework);
        Assert.Equal(new IcVersion((ushort)service, 0), harness.Frame.Version);
    }

    [Fact]
    public void Without_a_common_version_both_counts_are_zero_and_nothing_is_served()
    {
        var harness = new FrameHarness(new HeartbeatService(), new IcVersion(3, 0));
        var (outcome, status, body) = harness.Negotiate([new(3, 0)], [new(8, 0)]);
        Assert.Equal(IcFrameOutcome.Negotiated, outcome);
        Assert.Equal(IcStatus.Success, status);
        Assert.Equal(new byte[4], body[..4]);
        Assert.Null(harness.Frame.Version);
        Assert.Equal(IcStatus.Fail, harness.Request(new byte[12]).Status);
    }

    [Fact]
    public void A_host_may_negotiate_again_at_any_time()
    {
        var harness = new FrameHarness(new HeartbeatService(), new IcVersion(3, 0));
        harness.Negotiate([new(1, 0)], [new(1, 0)]);
        Assert.Equal(new IcVersion(1, 0), harness.Frame.Version);
        Assert.Equal(IcStatus.Success, harness.Request(new byte[12]).Status);
    }

    [Theory]
    [InlineData(101, 1)]
    [InlineData(1, 101)]
    [InlineData(65535, 65535)]
    [InlineData(2, 1)]
    public void Version_lists_that_are_longer_than_the_message_or_the_limit_fail(int frameworks, int services)
    {
        var body = new byte[IcNegotiation.Size + 8];
        var head = new IcNegotiation { FrameworkCount = (ushort)frameworks, ServiceCount = (ushort)services };
        MemoryMarshal.Write(body, in head);
        var harness = new FrameHarness(new HeartbeatService(), new IcVersion(3, 0));
        Assert.Equal(IcStatus.Fail, harness.Send(FrameHarness.Message(IcMessageType.Negotiate, body)).Status);
        Assert.Equal(new IcVersion(3, 0), harness.Frame.Version);
    }

    [Fact]
    public void A_negotiation_without_room_for_the_answer_fails()
    {
        var harness = new FrameHarness(new HeartbeatService());
        for (var length = 0; length < IcNegotiation.Size + 8; length++)
            Assert.Equal(IcStatus.Fail, harness.Send(FrameHarness.Message(IcMessageType.Negotiate, new byte[length])).Status);
    }

    [Fact]
    public void Messages_that_are_no_requests_are_dropped_and_counted()
    {
        var harness = new FrameHarness(new HeartbeatService(), new IcVersion(3, 0));
        for (var length = 0; length < IcHeader.Size; length++)
            Assert.Equal(IcFrameOutcome.Dropped, harness.Send(new byte[length]).Outcome);
        var partial = FrameHarness.Message(IcMessageType.Heartbeat, new byte[12]);
        partial[0] = 2;
        Assert.Equal(IcFrameOutcome.Dropped, harness.Send(partial).Outcome);
        var answer = FrameHarness.Message(IcMessageType.Heartbeat, new byte[12]);
        answer[25] = 5;
        Assert.Equal(IcFrameOutcome.Dropped, harness.Send(answer).Outcome);
        Assert.Equal(IcHeader.Size + 2, harness.Frame.Dropped);
    }

    [Theory]
    [InlineData(IcMessageType.KeyValue)]
    [InlineData((IcMessageType)0x4711)]
    public void A_message_of_another_type_is_answered_with_a_failure(IcMessageType type)
    {
        var harness = new FrameHarness(new HeartbeatService(), new IcVersion(3, 0));
        var message = FrameHarness.Message(type, new byte[12]);
        Assert.Equal(IcStatus.Fail, harness.Send(message).Status);
        Assert.Equal(5, message[25]);
    }

    [Fact]
    public void A_body_size_beyond_the_message_is_cut_to_the_message()
    {
        var service = new HeartbeatService();
        var harness = new FrameHarness(service, new IcVersion(3, 0));
        var message = FrameHarness.Message(IcMessageType.Heartbeat, new byte[8]);
        message[18] = message[19] = 0xFF;
        Assert.Equal(IcStatus.Success, harness.Send(message).Status);
        Assert.Equal(1, service.Beats);
    }

    [Fact]
    public void No_bytes_of_a_host_throw_or_change_the_length()
    {
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(3000),
            Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<bool>(), (bytes, isRequest) =>
            {
                var harness = new FrameHarness(new HeartbeatService(), new IcVersion(3, 0));
                var message = isRequest ? FrameHarness.Message(bytes.Length % 2 == 0 ? IcMessageType.Negotiate : IcMessageType.Heartbeat, bytes) : bytes;
                harness.Send(message);
            }));
    }

    private static IcVersion[] Versions(int[] majors) => [.. majors.Select(major => new IcVersion((ushort)major, 0))];
}
