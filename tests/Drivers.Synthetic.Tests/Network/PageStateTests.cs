using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Testing.States;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>The state table of a control message's page: every event is tried in every state, and moves it as the table says.</summary>
public sealed class PageStateTests
{
    private const string Table = """
        Free, question: WithHost
        Free, question without room: Unsent
        Free, good-bye: Abandoned
        Unsent, room: WithHost
        Unsent, answer: Free
        Unsent, cancellation: Free
        Unsent, end of the channel: Free
        WithHost, completion: LetGo
        WithHost, refusal: Free
        WithHost, answer: Abandoned
        WithHost, time: Abandoned
        WithHost, cancellation: Abandoned
        WithHost, end of the channel: Free
        LetGo, answer: Free
        LetGo, time: Free
        LetGo, cancellation: Free
        LetGo, end of the channel: Free
        Abandoned, completion: Free
        Abandoned, refusal: Free
        Abandoned, end of the channel: Free
        """;

    private static readonly Dictionary<PageState, Action<ControlWorld>> s_states = new()
    {
        [PageState.Free] = _ => { },
        [PageState.Unsent] = world =>
        {
            world.Fill();
            world.Ask();
        },
        [PageState.WithHost] = Ask,
        [PageState.LetGo] = world =>
        {
            Ask(world);
            world.Complete(NvspStatus.Success);
        },
        [PageState.Abandoned] = world =>
        {
            Ask(world);
            world.Cancel();
        },
    };

    private static readonly Dictionary<string, Action<ControlWorld>> s_events = new()
    {
        ["question"] = AskWhenFree,
        ["question without room"] = world =>
        {
            world.Fill();
            AskWhenFree(world);
        },
        ["good-bye"] = ByeWhenFree,
        ["good-bye without room"] = world =>
        {
            world.Fill();
            ByeWhenFree(world);
        },
        ["room"] = world => world.Settle(),
        ["completion"] = world => CompleteWhenSent(world, NvspStatus.Success),
        ["refusal"] = world => CompleteWhenSent(world, NvspStatus.Failure),
        ["answer"] = world => world.Answer(world.Page),
        ["time"] = world => world.Advance(TimeSpan.FromSeconds(6)),
        ["cancellation"] = world => world.Cancel(),
        ["end of the channel"] = world => world.End(),
    };

    [Fact]
    public void Every_event_in_every_state_moves_a_page_as_the_table_says()
    {
        var table = new StateTable(Table);
        Assert.Equal(Enum.GetNames<PageState>().Order(), table.States.Order());
        foreach (var (state, bring) in s_states)
        {
            foreach (var (name, happen) in s_events)
            {
                // Time that passes gives room as well: whoever waits for that has it long before it gives up.
                if (name == "time" && state == PageState.Unsent)
                    continue;
                using var world = new ControlWorld();
                bring(world);
                Assert.Equal(state, world.Page.State);
                happen(world);
                if (world.Page.State != state)
                    table.Add($"{state}, {name}", world.Page.State.ToString());
                world.End();
                Assert.All(world.Control.Pages, page => Assert.Equal(PageState.Free, page.State));
                world.Control.Free();
            }
        }

        Assert.True(table.IsProved, table.ToString());
    }

    [Fact]
    public void A_page_makes_no_change_that_its_table_does_not_have()
    {
        var states = Enum.GetValues<PageState>();
        foreach (var from in states)
        {
            foreach (var to in states)
            {
                using var world = new ControlWorld();
                s_states[from](world);
                if (ControlRequest.CanBecome(from, to))
                    world.Page.Move(to);
                else
                    Assert.Throws<InvalidOperationException>(() => world.Page.Move(to));
            }
        }
    }

    /// <summary>The host's two words, the answer and the completion, may both come before the issuer has looked at the first.</summary>
    [Fact]
    public async Task A_page_serves_nobody_else_until_its_issuer_has_left()
    {
        for (var round = 0; round < 200; round++)
        {
            using var world = new ControlWorld(continueInline: false);
            var first = world.Ask();
            Assert.True(world.Answer(world.Page), $"round {round}: nobody waits for the first answer");
            world.Settle();
            world.Complete(NvspStatus.Success);
            var second = world.Ask();
            await first.ConfigureAwait(true);
            var page = world.Control.Pages.Single(page => page.Waiter is not null);
            Assert.True(world.Answer(page), $"round {round}: nobody waits for the second answer");
            await second.ConfigureAwait(true);
        }
    }

    [Fact]
    public void A_keep_alive_that_finds_no_room_is_left_out_and_the_next_one_is_answered()
    {
        using var world = new ControlWorld();
        var page = world.Control.Pages.Last();
        world.Fill();
        world.Control.OnKeepAlive(1);
        Assert.Equal(PageState.Free, page.State);
        world.Settle();
        world.Control.OnKeepAlive(2);
        Assert.Equal(PageState.Abandoned, page.State);
        world.Settle();
        world.Complete(NvspStatus.Success);
        Assert.Equal(PageState.Free, page.State);
    }

    private static void Ask(ControlWorld world)
    {
        world.Ask();
        world.Settle();
    }

    private static void AskWhenFree(ControlWorld world)
    {
        if (world.Page.State == PageState.Free)
            world.Ask();
    }

    private static void ByeWhenFree(ControlWorld world)
    {
        if (world.Page.State == PageState.Free)
            world.Control.SendHalt();
    }

    private static void CompleteWhenSent(ControlWorld world, NvspStatus status)
    {
        if (world.Page.State != PageState.Unsent)
            world.Complete(status);
    }
}
