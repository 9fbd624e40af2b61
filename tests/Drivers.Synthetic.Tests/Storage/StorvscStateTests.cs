using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.States;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>
/// The state tables of the storage driver: its life, its looks at the bus, what it does about late commands, and what a logical unit does
/// with requests. Each change is made, and no other.
/// </summary>
public sealed class StorvscStateTests
{
    private const string LifeTable = """
        Closed: Opening, Detached
        Opening: Open, Closed, Detached
        Open: Started, Closed, Failed, Detached
        Started: Closed, Failed, Detached
        Failed: Closed, Detached
        Detached:
        """;

    private const string LookTable = """
        None: Wanted, Running
        Wanted: Running
        Running: RunningAndWanted, None
        RunningAndWanted: Running, Wanted
        """;

    private const string RecoveryTable = """
        None: UnitReset
        UnitReset: BusReset, None
        BusReset: None
        """;

    private const string UnitTable = """
        Serving: Held, Gone
        Held: Serving, Gone
        """;

    private static readonly Dictionary<StorvscState, Action<StorvscLife>> s_states = new()
    {
        [StorvscState.Closed] = _ => { },
        [StorvscState.Opening] = life =>
        {
            life.Provider.Faults.SilentSetUps = 1;
            life.Begin(driver => driver.AttachAsync(default));
            life.Machine.Settle();
        },
        [StorvscState.Open] = life => life.Do(driver => driver.AttachAsync(default)),
        [StorvscState.Started] = life => life.Start(),
        [StorvscState.Failed] = life =>
        {
            life.Start();
            life.LeaveUnanswered();
        },
        [StorvscState.Detached] = life => life.Do(driver => driver.DetachAsync(default)),
    };

    private static readonly Dictionary<string, Action<StorvscLife>> s_events = new()
    {
        ["attach"] = life => life.Do(driver => driver.AttachAsync(default)),
        ["start"] = life => life.Do(driver => driver.StartAsync(default)),
        ["start with a host that answers no command"] = life =>
        {
            life.Provider.Faults.Swallowed = 1;
            life.Do(driver => driver.StartAsync(default));
        },
        ["suspend"] = life => life.Do(driver => driver.SuspendAsync(default)),
        ["resume"] = life => life.Do(driver => driver.ResumeAsync(default)),
        ["detach"] = life => life.Do(driver => driver.DetachAsync(default)),
        ["time"] = life => life.Advance(TimeSpan.FromSeconds(30)),
        ["command that is not answered"] = life => life.LeaveUnanswered(),
        ["rescind"] = life => life.Act(() => life.Fixture.Machine.Host.Rescind(life.Fixture.Channel)),
        ["broken ring"] = life => life.Act(() =>
        {
            life.Machine.Host.Faults.Add(new PacketFault(PacketFaultKind.WriteIndexBeyond));
            life.Provider.SendEvent(StorageOperation.EventNotification);
        }),
    };

    [Fact]
    public void Every_event_in_every_state_of_the_driver_changes_it_as_the_table_says()
    {
        var table = new StateTable(LifeTable);
        Assert.Equal(StateTable.ChangesOf<StorvscState>(StorvscStates.CanBecome), table.Changes);
        Assert.Equal(Enum.GetValues<StorvscState>().Order(), s_states.Keys.Order());
        foreach (var (state, bring) in s_states)
        {
            foreach (var (name, happen) in s_events)
            {
                using var life = new StorvscLife();
                var see = table.Follow(() => life.Driver.State);
                life.See += see;
                bring(life);
                Assert.True(state == life.Driver.State, $"the driver is {life.Driver.State}, and should be {state} before: {name}");
                happen(life);
                life.Advance(TimeSpan.FromSeconds(15));
                life.End();
            }
        }

        Assert.True(table.IsProved, table.ToString());
    }

    [Fact]
    public void Each_change_of_a_look_at_the_bus_is_made_and_no_other()
    {
        var table = new StateTable(LookTable);
        Assert.Equal(Enum.GetNames<LookState>().Order(), table.States.Order());
        using var life = new StorvscLife();
        var see = table.Follow(() => life.Driver.Look);
        life.See += see;
        life.Do(driver => driver.AttachAsync(default));
        life.Want();
        Assert.Equal(LookState.Wanted, life.Driver.Look);
        life.Do(driver => driver.StartAsync(default));
        life.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LookState.None, life.Driver.Look);

        // A look that the host keeps waiting; more are wanted meanwhile, and one of them is done.
        life.Provider.Faults.Swallowed = 1;
        var scans = life.Driver.Adapter.Counters.Scans;
        life.Want();
        life.Want();
        life.Want();
        Assert.Equal(LookState.RunningAndWanted, life.Driver.Look);
        life.Do(driver => driver.SuspendAsync(default));
        Assert.Equal((LookState.Wanted, scans + 1), (life.Driver.Look, life.Driver.Adapter.Counters.Scans));
        life.Do(driver => driver.ResumeAsync(default));
        life.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((LookState.None, scans + 3), (life.Driver.Look, life.Driver.Adapter.Counters.Scans));

        // The same without an end of the driver: the next look follows at once.
        life.Latency = TimeSpan.FromMilliseconds(100);
        life.Want();
        life.Want();
        life.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((LookState.None, scans + 5), (life.Driver.Look, life.Driver.Adapter.Counters.Scans));
        life.End();
        Assert.True(table.IsProved, table.ToString());
    }

    [Theory]
    [InlineData(30, 0)]
    [InlineData(75, 1)]
    [InlineData(90, 2)]
    [InlineData(200, 2)]
    public void A_late_command_brings_about_as_many_resets_as_it_is_late(int seconds, int resets)
    {
        using var life = new StorvscLife();
        life.BeLate(seconds);
        Assert.Equal((resets, RecoveryStep.None), (life.Provider.Resets.Count, life.Driver.Recovery));
        life.End();
    }

    [Fact]
    public void Each_change_of_what_is_done_about_late_commands_is_made_and_no_other()
    {
        var table = new StateTable(RecoveryTable);
        Assert.Equal(Enum.GetNames<RecoveryStep>().Order(), table.States.Order());
        foreach (var seconds in (int[])[75, 90, 200])
        {
            using var life = new StorvscLife();
            var see = table.Follow(() => life.Driver.Recovery);
            life.See += see;
            life.BeLate(seconds);
            life.End();
        }

        Assert.True(table.IsProved, table.ToString());
    }

    [Fact]
    public void A_driver_that_had_failed_looks_after_late_commands_again_once_it_is_resumed()
    {
        using var life = new StorvscLife();
        life.BeLate(200);
        Assert.Equal(StorvscState.Failed, life.Driver.State);
        Assert.Empty(life.Machine.Disks);
        life.Do(driver => driver.SuspendAsync(default));
        life.Do(driver => driver.ResumeAsync(default));
        Assert.Equal(StorvscState.Started, life.Driver.State);
        Assert.Single(life.Machine.Disks);
        life.LeaveUnanswered();
        Assert.Equal((StorvscState.Failed, 4), (life.Driver.State, life.Provider.Resets.Count));
        life.End();
    }

    [Fact]
    public void Each_change_of_what_a_logical_unit_does_with_requests_is_made_and_no_other()
    {
        var table = new StateTable(UnitTable);
        Assert.Equal(Enum.GetNames<UnitState>().Order(), table.States.Order());
        foreach (var isHeld in new[] { false, true })
        {
            foreach (var happen in (Action<CommandWorld>[])[Hold, world => world.Release(), world => world.Disk.MarkGone("it was taken away"), LoseUnit])
            {
                using var world = new CommandWorld();
                var see = table.Follow(() => world.Disk.State);
                if (isHeld)
                    Hold(world);
                see();
                happen(world);
                see();
                world.Release();
                see();
            }
        }

        Assert.True(table.IsProved, table.ToString());

        static void Hold(CommandWorld world)
        {
            world.Hold();
            world.Link.Answer();
        }
    }

    [Fact]
    public void A_request_that_waits_for_a_held_unit_fails_when_the_host_knows_the_unit_no_more()
    {
        using var world = new CommandWorld();
        var sent = world.Disk.ReadAsync(0, new byte[512]).AsTask();
        world.Hold();
        var waiting = world.Disk.ReadAsync(8, new byte[512]).AsTask();
        Assert.False(waiting.IsCompleted);
        world.Link.Answer(SrbStatus.InvalidLun);
        Assert.Equal(BlockErrorKind.Gone, sent.Result.Error!.Kind);
        Assert.True(waiting.IsCompleted, "the request waits for a unit that is gone");
        Assert.Equal(BlockErrorKind.Gone, waiting.Result.Error!.Kind);
        Assert.Equal(UnitState.Gone, world.Disk.State);
    }

    private static void LoseUnit(CommandWorld world)
    {
        // The flush of whoever holds it goes past the hold.
        if (world.Disk.State == UnitState.Held)
            _ = world.Disk.HoldAsync(StorageDevice.Hold.Suspended, default).AsTask();
        else
            world.Request();
        world.Link.Answer(SrbStatus.InvalidLun);
    }
}
