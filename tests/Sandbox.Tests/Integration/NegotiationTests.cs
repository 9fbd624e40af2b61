using GuestOS.Sandbox.Integration;
using GuestOS.Services.Protocol;
using Xunit;

namespace GuestOS.Sandbox.Tests.Integration;

public sealed class NegotiationTests : IntegrationTest
{
    private const string Request = """
        01 00 00 00 2c 00 00 00 00 00 00 00 00 00 00 00
        00 00 18 00 00 00 00 00 00 03 00 00 02 00 02 00
        00 00 00 00 01 00 00 00 03 00 00 00 01 00 00 00
        03 00 00 00
        """;

    /// <summary>Protocol 11.5, the form that Linux sends and the tight one.</summary>
    [Theory]
    [InlineData("""
        01 00 00 00 2c 00 00 00 00 00 00 00 00 00 00 00
        00 00 10 00 00 00 00 00 00 05 00 00 01 00 01 00
        00 00 00 00 03 00 00 00 03 00 00 00 01 00 00 00
        03 00 00 00
        """)]
    [InlineData("""
        01 00 00 00 24 00 00 00 00 00 00 00 00 00 00 00
        00 00 10 00 00 00 00 00 00 05 00 00 01 00 01 00
        00 00 00 00 03 00 00 00 03 00 00 00
        """)]
    public void The_worked_example_of_negotiation(string answer)
    {
        var provider = new HeartbeatProvider();
        StartOpen(provider);
        Assert.Equal(Hex.Parse(Request), Hear());
        Say(Hex.Parse(answer));
        Assert.Equal((IntegrationState.Ready, new IcVersion(3, 0), new IcVersion(3, 0)), (provider.State, provider.Framework, provider.Service));
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void The_order_of_the_lists_is_the_hosts()
    {
        var provider = new HeartbeatProvider(new IntegrationOptions { Frameworks = [new(3, 0), new(1, 0)], Services = [new(9, 1)] });
        StartOpen(provider);
        Assert.Equal(Hex.Parse("02 00 01 00 00 00 00 00 03 00 00 00 01 00 00 00 09 00 01 00"), Hear()[28..]);
    }

    [Fact]
    public void No_common_version_fails()
    {
        var provider = new HeartbeatProvider();
        StartOpen(provider);
        Answer(Hear(), 0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal(IntegrationState.Failed, provider.State);
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void A_version_that_was_not_offered_fails()
    {
        var provider = new HeartbeatProvider();
        StartOpen(provider);
        Answer(Hear(), 0, [1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
        Assert.Equal(IntegrationState.Failed, provider.State);
        Assert.Single(Host.GuestErrors);
    }

    [Theory]
    [InlineData(25, 7)]
    [InlineData(25, 4)]
    [InlineData(24, 1)]
    [InlineData(0, 2)]
    [InlineData(4, 0xFF)]
    [InlineData(4, 3)]
    [InlineData(18, 0xFF)]
    [InlineData(12, 1)]
    public void A_frame_that_hosts_do_not_take_is_reported_and_dropped(int offset, byte value)
    {
        var provider = new HeartbeatProvider();
        StartOpen(provider);
        var answer = Hear();
        answer[25] = 5;
        answer[18] = 16;
        answer[28] = answer[30] = 1;
        answer[36] = answer[40] = 3;
        var good = (byte[])answer.Clone();
        answer[offset] = value;
        Say(answer);
        Assert.Equal(IntegrationState.Negotiating, provider.State);
        Assert.Single(Host.GuestErrors);
        Say(good);
        Assert.Equal(IntegrationState.Ready, provider.State);
    }

    [Fact]
    public void An_answer_without_a_request_and_a_short_one_are_reported()
    {
        var provider = new ShutdownProvider();
        StartReady(provider, 3, 2);
        var stray = new byte[40];
        stray[0] = 1;
        stray[4] = 32;
        stray[25] = 5;
        Say(stray);
        Say([1, 0, 0, 0]);
        Assert.Equal(2, Host.GuestErrors.Count);
    }

    [Fact]
    public void The_host_may_negotiate_anew_at_any_time()
    {
        var provider = new ShutdownProvider();
        StartReady(provider, 3, 2);
        var lost = provider.Shutdown(ShutdownFlags.None);
        Settle();
        Hear();
        provider.Renegotiate();
        Settle();
        Assert.True(lost.IsDone);
        Answer(Hear(), 0, [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        Assert.Equal((IntegrationState.Ready, new IcVersion(1, 0), 2), (provider.State, provider.Service, provider.Negotiations));
    }

    [Fact]
    public void Every_fault_is_a_packet_and_its_answer_is_kept_apart()
    {
        foreach (var fault in Enum.GetValues<IntegrationFault>())
        {
            var provider = new ShutdownProvider();
            StartReady(provider, 3, 2);
            provider.Commit(fault);
            Settle();
            Assert.True(Channel.In.In != Channel.In.Out, fault.ToString());
            TryHear();
            var answer = new byte[28];
            answer[20] = 5;
            answer[23] = 0x80;
            answer[21] = 0x40;
            Say(answer);
            Assert.Equal((IcMessageType.Negotiate, (IcStatus)0x80004005), Assert.Single(provider.FaultAnswers));
            Assert.Empty(Host.GuestErrors);
            Dispose();
        }
    }
}
