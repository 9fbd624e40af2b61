using GuestOS.Services.Heartbeat;
using GuestOS.Services.Protocol;
using Xunit;

namespace GuestOS.Services.Tests;

public sealed class HeartbeatTests
{
    [Fact]
    public void The_worked_heartbeat_gets_the_worked_reply()
    {
        var message = Hex.Parse("""
            01 00 00 00 3c 00 00 00 03 00 00 00 01 00 03 00
            00 00 28 00 00 00 00 00 00 03 00 00 29 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00
            """);
        var harness = new FrameHarness(new HeartbeatService { State = ApplicationState.Healthy }, new IcVersion(3, 0));
        harness.Send(message);
        Assert.Equal(
            Hex.Parse("""
                01 00 00 00 3c 00 00 00 03 00 00 00 01 00 03 00
                00 00 28 00 00 00 00 00 00 05 00 00 2a 00 00 00
                00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                00 00 00 00
                """),
            message);
    }

    [Fact]
    public void The_state_that_the_program_sets_goes_out_with_the_next_beat()
    {
        var service = new HeartbeatService();
        var harness = new FrameHarness(service, new IcVersion(1, 0));
        Assert.Equal(0, harness.Request(new byte[12]).Body[8]);
        service.State = ApplicationState.Critical;
        Assert.Equal(2, harness.Request(new byte[12]).Body[8]);
    }

    [Fact]
    public void A_beat_without_its_tail_is_answered_and_the_sequence_number_wraps()
    {
        var harness = new FrameHarness(new HeartbeatService { State = ApplicationState.Healthy }, new IcVersion(3, 0));
        var (_, status, body) = harness.Request(Hex.Parse("ff ff ff ff ff ff ff ff"));
        Assert.Equal(IcStatus.Success, status);
        Assert.Equal(new byte[8], body);
    }

    [Fact]
    public void A_beat_without_a_sequence_number_fails()
    {
        var harness = new FrameHarness(new HeartbeatService(), new IcVersion(3, 0));
        for (var length = 0; length < 8; length++)
            Assert.Equal(IcStatus.Fail, harness.Request(new byte[length]).Status);
    }
}
