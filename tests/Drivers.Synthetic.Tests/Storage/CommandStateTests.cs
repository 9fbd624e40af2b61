using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Testing.States;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>The state table of a storage command: every event is tried in every state, with room in the ring and without, and moves it as the table says.</summary>
public sealed class CommandStateTests
{
    private const string Table = """
        Pooled, request: Outstanding
        Pooled, request without room: Waiting
        Pooled, request while held: Held
        Pooled, request without memory: InHand
        Pooled, hold: Outstanding
        Pooled, hold without room: Waiting
        Held, release: Outstanding
        Held, release without room: Waiting
        Held, cancellation: InHand
        Held, end of the unit: InHand
        Waiting, room: Outstanding
        Waiting, room without memory: InHand
        Waiting, cancellation: InHand
        Waiting, end of the channel: InHand
        Waiting, end without the memory: InHand
        Outstanding, good answer: InHand
        Outstanding, hopeless answer: InHand
        Outstanding, answer busy: Pausing
        Outstanding, malformed answer: Pausing
        Outstanding, end of the channel: InHand
        Outstanding, end without the memory: InHand
        Pausing, time: Outstanding
        Pausing, time without room: Waiting
        Pausing, cancellation: InHand
        Pausing, end of the channel: InHand
        Pausing, end without the memory: InHand
        InHand, result taken: Pooled
        """;

    private static readonly Dictionary<CommandState, Action<CommandWorld>> s_states = new()
    {
        [CommandState.Pooled] = _ => { },
        [CommandState.Held] = Hold,
        [CommandState.Waiting] = world =>
        {
            // Behind a flush, so that it has no buffer yet.
            world.SetRoom(false);
            WithAnother(world, () => _ = world.Disk.FlushAsync().AsTask());
            world.Request();
        },
        [CommandState.Outstanding] = world => world.Request(),
        [CommandState.Pausing] = world =>
        {
            world.Request();
            world.Answer(SrbStatus.Busy);
        },
        [CommandState.InHand] = world =>
        {
            world.Request();
            world.Answer(SrbStatus.Success);
        },
    };

    private static readonly Dictionary<string, Action<CommandWorld>> s_events = new()
    {
        ["request"] = RequestOnce,
        ["request while held"] = world =>
        {
            if (world.Command.State == CommandState.Pooled)
                Hold(world);
        },
        ["hold"] = world => world.Hold(),
        ["release"] = world => world.Release(),
        ["room"] = world => world.SetRoom(true),
        ["time"] = world => world.Clock.Advance(TimeSpan.FromSeconds(3)),
        ["cancellation"] = world => world.Cancel(),
        ["good answer"] = world => world.Answer(SrbStatus.Success),
        ["answer busy"] = world => world.Answer(SrbStatus.Error, ScsiStatus.Busy),
        ["hopeless answer"] = world => world.Answer(SrbStatus.Error, ScsiStatus.ReservationConflict),
        ["malformed answer"] = world => world.AnswerBadly(),
        ["end of the unit"] = world => world.Disk.MarkGone("it was taken away"),
        ["end of the channel"] = world => world.End(RequestStatus.Closed),
        ["end without the memory"] = world => world.End(RequestStatus.Lost),
        ["result taken"] = world => world.TakeResult(),
    };

    [Fact]
    public void Every_event_in_every_state_moves_a_command_as_the_table_says()
    {
        var table = new StateTable(Table);
        Assert.Equal(Enum.GetNames<CommandState>().Order(), table.States.Order());
        Assert.Equal(Enum.GetValues<CommandState>().Order(), s_states.Keys.Order());
        foreach (var (state, bring) in s_states)
        {
            foreach (var (name, happen) in s_events)
            {
                Try(table, state, bring, name, happen, static _ => { });
                if (name is "request" or "hold" or "release" or "time")
                    Try(table, state, bring, $"{name} without room", happen, static world => world.Link.IsFull = true);
                if (name is "request" or "room")
                    Try(table, state, bring, $"{name} without memory", happen, static world => world.Memory.AllocationsLeft = 0);
            }
        }

        Assert.True(table.IsProved, table.ToString());
    }

    [Fact]
    public void A_command_is_in_one_list_at_most_and_leaves_no_list_that_it_is_not_in()
    {
        using var world = new CommandWorld();
        var waiting = new CommandList(CommandState.Waiting);
        var pausing = new CommandList(CommandState.Pausing);
        var command = new BlockCommand(world.Adapter, runContinuationsAsynchronously: false);
        waiting.Add(command);
        Assert.Throws<InvalidOperationException>(() => pausing.Add(command));
        Assert.Throws<InvalidOperationException>(() => waiting.AddFirst(command));
        Assert.Throws<InvalidOperationException>(() => pausing.Remove(command));
        Assert.Equal((CommandState.Waiting, 1, 0), (command.State, waiting.Count, pausing.Count));
        waiting.Remove(command);
        Assert.Throws<InvalidOperationException>(() => waiting.Remove(command));
        Assert.Equal((CommandState.InHand, 0), (command.State, waiting.Count));
    }

    private static void Try(
        StateTable table, CommandState state, Action<CommandWorld> bring, string name, Action<CommandWorld> happen, Action<CommandWorld> lack)
    {
        using var world = new CommandWorld();
        bring(world);
        Assert.Equal(state, world.Command.State);
        lack(world);
        happen(world);
        if (world.Command.State != state)
            table.Add($"{state}, {name}", world.Command.State.ToString());
        EndAll(world);
        Assert.True(world.Command.State == CommandState.Pooled, $"{state}, {name}: the command is {world.Command.State} after all has ended");
    }

    /// <summary>Whatever has happened, the command comes back to the pool, and its issuer gets an end.</summary>
    private static void EndAll(CommandWorld world)
    {
        world.End(RequestStatus.Closed);
        world.Release();
        world.TakeResult();
    }

    private static void Hold(CommandWorld world)
    {
        WithAnother(world, () =>
        {
            world.Hold();
            world.Link.Answer();
        });
        world.Request();
    }

    /// <summary>Does something that takes another command than the one that is looked at.</summary>
    private static void WithAnother(CommandWorld world, Action act)
    {
        var own = world.Adapter.Rent();
        act();
        world.Adapter.Return(own);
    }

    private static void RequestOnce(CommandWorld world)
    {
        if (world.Command.State == CommandState.Pooled)
            world.Request();
    }
}
