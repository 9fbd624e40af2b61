using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Balloon.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine.Memory;
using GuestOS.Testing.States;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

/// <summary>
/// The state table of the dynamic-memory client: every event is tried in every state in which it can come, and changes the state as the table
/// says, or not at all. What the guest sends is an event as well: its outcome ends what it answers.
/// </summary>
public sealed class BalloonStateTests
{
    private const string Table = """
        AskingVersion, version accepted: AskingCapabilities
        AskingVersion, no answer: Failed
        AskingVersion, end of the channel: Stopped
        AskingLastVersion, version accepted: AskingCapabilities
        AskingLastVersion, version refused: Failed
        AskingLastVersion, no answer: Failed
        AskingLastVersion, end of the channel: Stopped
        AskingCapabilities, capabilities accepted: Idle
        AskingCapabilities, capabilities refused: Failed
        AskingCapabilities, no answer: Failed
        AskingCapabilities, end of the channel: Stopped
        Failed, end of the channel: Stopped
        Idle, balloon request: Inflating
        Idle, part of an unballoon request: Deflating
        Idle, unballoon request: Deflating
        Idle, hot-add request: Adding
        Idle, Closed: Stopped
        Idle, end of the channel: Stopped
        Inflating, Sent: Idle, Deflating
        Inflating, Closed: Stopped
        Inflating, end of the channel: Stopped
        Deflating, balloon request: Inflating
        Deflating, hot-add request: Adding
        Deflating, Sent: Idle
        Deflating, Closed: Stopped
        Deflating, end of the channel: Stopped
        Adding, Sent: Idle, Deflating
        Adding, Closed: Stopped
        """;

    private static readonly PageRange s_outside = new(1ul << 24, ScriptedHost.PagesPerMiB * 128);

    private static readonly Dictionary<string, Action<ScriptedHost>> s_states = new()
    {
        ["AskingVersion"] = host => host.Client.Start(),
        ["AskingLastVersion"] = AskLastVersion,
        ["AskingCapabilities"] = host =>
        {
            host.Client.Start();
            host.Send(ScriptedHost.VersionResponse(true));
        },
        ["Failed"] = host =>
        {
            AskLastVersion(host);
            host.Send(ScriptedHost.VersionResponse(false));
        },
        ["Idle"] = Agree,
        ["Inflating"] = host =>
        {
            Agree(host);
            host.Room = 0;
            host.Send(ScriptedHost.BalloonRequest(1000));
        },
        ["Deflating"] = host =>
        {
            Agree(host);
            host.Send(ScriptedHost.BalloonRequest(1000));
            host.Send(ScriptedHost.UnballoonRequest(more: true, [.. host.Memory.Taken.Ranges]));
        },
        ["Stopped"] = host =>
        {
            Agree(host);
            host.IsClosed = true;
            host.Client.End();
        },
    };

    private static readonly Dictionary<string, Action<ScriptedHost>> s_messages = new()
    {
        ["version accepted"] = host => host.Send(ScriptedHost.VersionResponse(true)),
        ["version refused"] = host => host.Send(ScriptedHost.VersionResponse(false)),
        ["capabilities accepted"] = host => host.Send(ScriptedHost.CapabilitiesResponse(1)),
        ["capabilities refused"] = host => host.Send(ScriptedHost.CapabilitiesResponse(0)),
        ["balloon request"] = host => host.Send(ScriptedHost.BalloonRequest(300)),
        ["part of an unballoon request"] = host => host.Send(ScriptedHost.UnballoonRequest(more: true)),
        ["unballoon request"] = host => host.Send(ScriptedHost.UnballoonRequest(more: false)),
        ["hot-add request"] = host => host.Send(ScriptedHost.HotAddRequest(s_outside)),
        ["information"] = host => host.Send(ScriptedHost.Message(12, 28)),
        ["hot-remove request"] = host => host.Send(ScriptedHost.Message(13, 24)),
        ["error message"] = host => host.Send(ScriptedHost.Message(0, 8)),
        ["unknown message"] = host => host.Send(ScriptedHost.Message(99, 8)),
        ["message of a guest"] = host => host.Send(ScriptedHost.Message(1, 16)),
        ["malformed message"] = host => host.Send(new byte[3]),
    };

    private static readonly Dictionary<string, Action<ScriptedHost>> s_events = new(s_messages)
    {
        ["no answer"] = host =>
        {
            host.Clock.Advance(TimeSpan.FromSeconds(5));
            host.Client.Tick();
            host.Run();
        },
        ["room"] = host =>
        {
            host.Room = int.MaxValue;
            host.Run();
        },
        ["no room"] = host =>
        {
            host.Room = 0;
            host.Run();
        },
        ["closed link"] = host =>
        {
            host.IsClosed = true;
            host.Run();
        },
        ["end of the channel"] = host =>
        {
            host.IsClosed = true;
            host.Client.End();
        },
    };

    private readonly StateTable _table = new(Table);

    [Fact]
    public void Every_event_in_every_state_does_what_the_table_says()
    {
        foreach (var (state, bring) in s_states)
        {
            foreach (var (name, happen) in s_events)
            {
                foreach (bool isClosing in new[] { false, true })
                    Try(state, bring, name, happen, isClosing);
            }
        }

        Assert.True(_table.IsProved, _table.ToString());
    }

    [Fact]
    public void Another_request_between_the_parts_of_an_unballoon_request_does_not_end_it()
    {
        ScriptedHost host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.BalloonRequest(1000));
        host.TakeBalloonResponses();
        host.Send(ScriptedHost.UnballoonRequest(more: true, [.. host.Memory.Taken.Ranges]));
        host.Send(ScriptedHost.BalloonRequest(10));
        host.TakeBalloonResponses();
        Assert.Equal(BalloonState.Deflating, host.Client.State);
        host.Send(ScriptedHost.UnballoonRequest(more: false));
        host.Take(9);
        Assert.Equal((BalloonState.Idle, 10ul), (host.Client.State, host.Memory.Taken.Count));
    }

    // isClosing: the link takes nothing any more, and nobody has heard of the end of the channel yet.
    private void Try(string state, Action<ScriptedHost> bring, string name, Action<ScriptedHost> happen, bool isClosing)
    {
        var host = new ScriptedHost();
        bring(host);
        Assert.Equal(state, StateOf(host));

        // While a request is carried out the next message waits in the inbox; and what negotiates sends before its state changes.
        if ((host.Client.IsBusy && s_messages.ContainsKey(name)) || (isClosing && !host.Client.IsReady))
            return;
        host.IsClosed |= isClosing;
        var (now, cause) = (state, name);
        host.Sending = result =>
        {
            if (host.Client.IsReady)
                See(result.ToString());
        };
        happen(host);
        See("");

        void See(string next)
        {
            string seen = StateOf(host);
            if (seen != now)
                _table.Add($"{now}, {cause}", seen);
            (now, cause) = (seen, next);
        }
    }

    private static string StateOf(ScriptedHost host)
    {
        if (host.Client.State == BalloonState.Stopped)
            return "Stopped";
        if (host.Client.Failure is not null)
            return "Failed";
        if (host.Client.State != BalloonState.Negotiating)
            return host.Client.State.ToString();
        ushort asked = BinaryPrimitives.ReadUInt16LittleEndian(host.Sent.Last());
        return asked == 3 ? "AskingCapabilities" : host.Client.Version == BalloonVersion.V0_3 ? "AskingLastVersion" : "AskingVersion";
    }

    private static void AskLastVersion(ScriptedHost host)
    {
        host.Client.Start();
        host.Send(ScriptedHost.VersionResponse(false));
        host.Send(ScriptedHost.VersionResponse(false));
    }

    private static void Agree(ScriptedHost host)
    {
        host.Client.Start();
        host.Send(ScriptedHost.VersionResponse(true));
        host.Send(ScriptedHost.CapabilitiesResponse(1));
    }
}
