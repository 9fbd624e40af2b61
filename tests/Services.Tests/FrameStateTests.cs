using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;
using GuestOS.Testing.States;
using Xunit;

namespace GuestOS.Services.Tests;

/// <summary>
/// The state table of the framework: every message in both states, the state that follows, what becomes of the message, and the status of
/// the answer. Each line of the table is tried, and nothing but its lines exists.
/// </summary>
public sealed class FrameStateTests
{
    private const string Table = """
        Unagreed, common versions: Agreed Negotiated Success
        Unagreed, no common framework: Unagreed Negotiated Success
        Unagreed, no common service: Unagreed Negotiated Success
        Unagreed, too many versions: Unagreed Answer Fail
        Unagreed, negotiation cut short: Unagreed Answer Fail
        Unagreed, request: Unagreed Answer Fail
        Unagreed, request put off: Unagreed Answer Fail
        Unagreed, request of another service: Unagreed Answer Fail
        Unagreed, answer: Unagreed Dropped
        Unagreed, no pipe data: Unagreed Dropped
        Unagreed, half a header: Unagreed Dropped
        Agreed, common versions: Agreed Negotiated Success
        Agreed, no common framework: Unagreed Negotiated Success
        Agreed, no common service: Unagreed Negotiated Success
        Agreed, too many versions: Agreed Answer Fail
        Agreed, negotiation cut short: Agreed Answer Fail
        Agreed, request: Agreed Answer Success
        Agreed, request put off: Agreed Deferred
        Agreed, request of another service: Agreed Answer Fail
        Agreed, answer: Agreed Dropped
        Agreed, no pipe data: Agreed Dropped
        Agreed, half a header: Agreed Dropped
        """;

    private static readonly Dictionary<string, Func<FrameHarness, (IcFrameOutcome Outcome, IcStatus Status, byte[] Body)>> s_events = new()
    {
        ["common versions"] = harness => harness.Negotiate([new(1, 0), new(3, 0)], [new(1, 0), new(9, 0)]),
        ["no common framework"] = harness => harness.Negotiate([new(9, 0)], [new(1, 0)]),
        ["no common service"] = harness => harness.Negotiate([new(3, 0)], [new(9, 0)]),
        ["too many versions"] = harness => harness.Negotiate([.. Enumerable.Repeat(new IcVersion(3, 0), 200)], [.. Enumerable.Repeat(new IcVersion(1, 0), 200)]),
        ["negotiation cut short"] = harness => harness.Send(FrameHarness.Message(IcMessageType.Negotiate, new byte[2])),
        ["request"] = harness => harness.Request(new byte[12]),
        ["request put off"] = harness => harness.Request([PutOffService.PutOff]),
        ["request of another service"] = harness => harness.Send(FrameHarness.Message(IcMessageType.Shutdown, new byte[12])),
        ["answer"] = harness => harness.Send(Message(message => message[25] = (byte)(IcFlags.Transaction | IcFlags.Response))),
        ["no pipe data"] = harness => harness.Send(Message(message => message[0] = 2)),
        ["half a header"] = harness => harness.Send(new byte[IcHeader.Size / 2]),
    };

    [Fact]
    public void Every_message_in_every_state_does_what_the_table_says()
    {
        var table = new StateTable(Table);
        Assert.Equal(2 * s_events.Count, table.Count);
        foreach (var version in new IcVersion?[] { null, new IcVersion(1, 0) })
        {
            foreach (var (name, happen) in s_events)
            {
                var harness = new FrameHarness(new PutOffService(), version);
                var before = StateOf(harness);
                var (outcome, status, _) = happen(harness);
                var isAnswered = outcome is IcFrameOutcome.Answer or IcFrameOutcome.Negotiated;
                table.Add($"{before}, {name}", $"{StateOf(harness)} {outcome}{(isAnswered ? $" {status}" : "")}");
            }
        }

        Assert.True(table.IsProved, table.ToString());
    }

    private static string StateOf(FrameHarness harness)
    {
        Assert.Equal(harness.Frame.Framework is null, harness.Frame.Version is null);
        return harness.Frame.Version is null ? "Unagreed" : "Agreed";
    }

    private static byte[] Message(Action<byte[]> spoil)
    {
        var message = FrameHarness.Message(IcMessageType.Heartbeat, new byte[12]);
        spoil(message);
        return message;
    }

    /// <summary>A service that answers at once, or puts its answer off where the request says so.</summary>
    private sealed class PutOffService : IntegrationService
    {
        public const byte PutOff = 1;

        private static readonly IcVersion[] s_versions = [new(1, 0)];

        public override string Name => "test";

        public override Guid ClassId => default;

        public override IcMessageType Type => IcMessageType.Heartbeat;

        public override ReadOnlySpan<IcVersion> Versions => s_versions;

        public override IcAnswer Handle(in IcRequest request)
        {
            if (request.Body[0] != PutOff)
                return IcStatus.Success;
            request.Defer();
            return IcAnswer.Deferred;
        }
    }
}
