using GuestOS.Sandbox.Network;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Hosts that do not give the subchannels that they promise: the adapter works with those that there are.</summary>
public sealed class SubchannelTests
{
    private const int RssLength = 18;

    public static TheoryData<string> Refusals => ["status", "none", "another message", "cut short", "not answered"];

    public static TheoryData<string> Unusable => ["another object", "too short", "longer than it is", "one queue"];

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Without_the_subchannels_that_the_host_does_not_grant_one_channel_serves_all(string refusal)
    {
        using var machine = new NetworkMachine(processors: 4);
        machine.Provider.Mangle = (name, bytes) => name == "nvsp 85" ? Edit(bytes, refusal) : bytes;
        AssertServesWithOneChannel(machine);
        Assert.Contains(machine.Log.Lines, line => line.Text.Contains("netvsc0: the host grants none of 3 subchannels; one channel serves all", StringComparison.Ordinal));
        AssertEnds(machine);
    }

    [Theory]
    [MemberData(nameof(Unusable))]
    public void A_host_that_does_not_say_how_many_queues_it_has_is_not_asked_for_subchannels(string unusable)
    {
        using var machine = new NetworkMachine(processors: 4);
        var asked = false;
        machine.Provider.Mangle = (name, bytes) =>
        {
            asked |= name == "nvsp 85";
            if (!IsRss(name, bytes))
                return bytes;
            var value = bytes.AsSpan(bytes.Length - RssLength);
            switch (unusable)
            {
                case "another object":
                    value[0] = 0x89;
                    break;
                case "too short":
                    value[2] = 8;
                    break;
                case "longer than it is":
                    value[2] = 0xFF;
                    break;
                default:
                    BitConverter.TryWriteBytes(value[12..], 1u);
                    break;
            }

            return bytes;
        };
        AssertServesWithOneChannel(machine);
        Assert.False(asked);
        AssertEnds(machine);
    }

    [Fact]
    public void Subchannels_that_were_granted_and_are_never_offered_are_waited_for_a_while_and_then_done_without()
    {
        using var machine = new NetworkMachine(new NetworkOptions { MostSubchannels = 1 }, processors: 4);
        machine.Provider.Mangle = (name, bytes) =>
        {
            if (IsRss(name, bytes))
                BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - RssLength + 12), 4u);
            else if (name == "nvsp 85")
                BitConverter.TryWriteBytes(bytes.AsSpan(8), 3u);
            return bytes;
        };
        machine.Connect();
        machine.RunUntil(() => machine.Busy == 0);
        Assert.Empty(machine.Failures);
        Assert.Contains(machine.Log.Lines, line => line.Text.Contains("netvsc0: the host granted 3 subchannels and offered 1", StringComparison.Ordinal));
        Assert.InRange(machine.Clock.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        Assert.Equal((2, 2), (machine.Adapter.Queues, machine.Provider.OpenChannels));
        Assert.Equal([0u, 1], machine.Provider.Rss!.Table.Distinct().Order().ToArray());
        machine.AssertEchoes();
        AssertEnds(machine);
    }

    private static bool IsRss(string name, byte[] bytes) => name == "rndis 80000004" && bytes.Length == 24 + RssLength;

    private static byte[]? Edit(byte[] answer, string refusal)
    {
        switch (refusal)
        {
            case "status":
                BitConverter.TryWriteBytes(answer.AsSpan(4), 2u);
                return answer;
            case "none":
                BitConverter.TryWriteBytes(answer.AsSpan(8), 0u);
                return answer;
            case "another message":
                BitConverter.TryWriteBytes(answer, 134u);
                return answer;
            case "cut short":
                return answer[..8];
            default:
                return null;
        }
    }

    private static void AssertServesWithOneChannel(NetworkMachine machine)
    {
        machine.Connect();
        machine.RunUntil(() => machine.Busy == 0);
        Assert.Empty(machine.Failures);
        Assert.Equal((1, 1), (machine.Adapter.Queues, machine.Provider.OpenChannels));
        machine.AssertEchoes();
        for (ushort flow = 0; flow < 16; flow++)
            machine.Send(Frames.Ip(machine.Random, false, true, 100, machine.Adapter.Address, flow));
        Assert.All(machine.Provider.GuestFrames, frame => Assert.Equal(0, frame.Channel));
    }

    private static void AssertEnds(NetworkMachine machine)
    {
        machine.DetachAll();
        machine.AssertClean();
        machine.AssertNothingLeft();
    }
}
