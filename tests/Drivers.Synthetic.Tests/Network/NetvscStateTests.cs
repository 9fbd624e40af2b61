using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.VmBus;
using GuestOS.Testing.States;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>The state tables of the network driver: of its life, of one opening of the channel, of what it does with frames. Each change is made, and no other.</summary>
public sealed class NetvscStateTests
{
    private const string SessionTable = """
        SettingUp: Open, Ended, Closed
        Open: Ended, Closed
        Ended: Closed
        Closed:
        """;

    private const string AdapterTable = """
        Held: Flowing, Gone
        Flowing: Held, Gone
        """;

    private const string DriverTable = """
        Bound: Started, Detached
        Started: Detached
        Detached:
        """;

    private static readonly Dictionary<SessionState, Action<SessionLife>> s_states = new()
    {
        [SessionState.SettingUp] = life =>
        {
            life.Machine.Provider.Mangle = static (_, _) => null;
            _ = life.Open();
            life.Machine.Settle();
        },
        [SessionState.Open] = life => life.Run(life.Open()),
        [SessionState.Ended] = life =>
        {
            life.Run(life.Open());
            life.Rescind();
        },
        [SessionState.Closed] = life => life.Run(life.Session.CloseAsync().AsTask()),
    };

    private static readonly Dictionary<string, Action<SessionLife>> s_events = new()
    {
        ["rescind"] = life => life.Rescind(),
        ["time"] = life => life.Advance(TimeSpan.FromSeconds(30)),
        ["close"] = life => life.Run(life.Session.CloseAsync().AsTask()),
    };

    [Fact]
    public void Every_event_in_every_state_of_a_session_changes_it_as_the_table_says()
    {
        var table = new StateTable(SessionTable);
        Assert.Equal(StateTable.ChangesOf<SessionState>(NetvscSession.CanBecome), table.Changes);
        Assert.Equal(Enum.GetValues<SessionState>().Order(), s_states.Keys.Order());
        foreach (var (state, bring) in s_states)
        {
            foreach (var (name, happen) in s_events)
            {
                using var life = new SessionLife(table);
                bring(life);
                Assert.True(life.Session.State == state, $"the session is {life.Session.State}, and should be {state} before: {name}");
                happen(life);
                life.Run(life.Session.CloseAsync().AsTask());
                life.Advance(TimeSpan.FromSeconds(30));
                Assert.Equal(SessionState.Closed, life.Session.State);
                life.Machine.AssertSound();
                life.Machine.AssertNothingLeft();
            }
        }

        Assert.True(table.IsProved, table.ToString());
    }

    [Fact]
    public void Each_change_of_driver_and_adapter_is_made_and_no_other()
    {
        var adapters = new StateTable(AdapterTable);
        var drivers = new StateTable(DriverTable);
        Assert.Equal(Enum.GetNames<AdapterState>().Order(), adapters.States.Order());
        Assert.Equal(StateTable.ChangesOf<NetvscState>(NetvscController.CanBecome), drivers.Changes);
        Live(life =>
        {
            life.Do(driver => driver.StartAsync(default));
            life.Do(driver => driver.SuspendAsync(default));
            life.Do(driver => driver.ResumeAsync(default));
            Assert.Equal(AdapterState.Flowing, life.Adapter.State);
            life.Rescind();
        });
        Live(life =>
        {
            life.Do(driver => driver.StartAsync(default));
            life.Run(life.Adapter.QuiesceAsync().AsTask());
            Assert.Equal(AdapterState.Held, life.Adapter.State);
            life.Run(life.Adapter.ResumeAsync().AsTask());
            Assert.Equal(AdapterState.Flowing, life.Adapter.State);
            life.Run(life.Adapter.QuiesceAsync().AsTask());
            life.Rescind();
        });
        Live(static _ => { });
        Assert.True(adapters.IsProved, adapters.ToString());
        Assert.True(drivers.IsProved, drivers.ToString());

        void Live(Action<DriverLife> story)
        {
            using var life = new DriverLife(adapters, drivers);
            story(life);
            life.Do(driver => driver.DetachAsync(default));
            Assert.Equal((AdapterState.Gone, NetvscState.Detached), (life.Adapter.State, life.Driver.State));
            Assert.Empty(life.Machine.Adapters);
            life.Machine.AssertSound();
            life.Machine.AssertNothingLeft();
        }
    }

    [Fact]
    public void A_start_that_comes_after_the_end_publishes_nothing()
    {
        using var life = new DriverLife(new StateTable(AdapterTable), new StateTable(DriverTable));
        life.Do(driver => driver.DetachAsync(default));
        Assert.Throws<OperationCanceledException>(() => life.Do(driver => driver.StartAsync(default)));
        Assert.Empty(life.Machine.Adapters);
    }

    /// <summary>A machine with an adapter whose driver does nothing of itself.</summary>
    private abstract class Life : IDisposable
    {
        protected Life()
        {
            Machine.Drivers.Clear();
            Machine.Drivers.Add(Undriven);
            Machine.Connect();
        }

        public NetworkMachine Machine { get; } = new();

        protected UndrivenDriver Undriven { get; } = new(new NetvscDriver());

        protected List<Action> Watches { get; } = [];

        public void Rescind()
        {
            Machine.Host.Rescind(Machine.Channel);
            Advance(TimeSpan.FromSeconds(1));
        }

        public void Run(Task task) => Until(() => task.IsCompleted);

        public void Advance(TimeSpan time)
        {
            var end = Machine.Clock.Elapsed + time;
            using var timer = Machine.Clock.CreateTimer(static _ => { }, null, time, Timeout.InfiniteTimeSpan);
            Until(() => Machine.Clock.Elapsed >= end);
        }

        public void Dispose() => Machine.Dispose();

        protected void See() => Watches.ForEach(static watch => watch());

        private void Until(Func<bool> condition) => Machine.RunUntil(() =>
        {
            See();
            return condition();
        });
    }

    private sealed class SessionLife : Life
    {
        public SessionLife(StateTable table)
        {
            var context = Undriven.Context;
            var options = new NetvscOptions(context);
            var channel = Assert.Single(Machine.Bus.Devices).Channel;
            Session = new NetvscSession(new NetvscAdapter("netvsc0", channel, context, options), channel, context, options);
            Watches.Add(table.Follow(() => Session.State));
        }

        public NetvscSession Session { get; }

        /// <summary>Opens; a host that is against it may be.</summary>
        public async Task Open()
        {
            try
            {
                await Session.OpenAsync(default).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or TimeoutException or VmBusException)
            {
            }
        }
    }

    private sealed class DriverLife : Life
    {
        public DriverLife(StateTable adapters, StateTable drivers)
        {
            Watches.Add(drivers.Follow(() => Driver.State));
            Do(driver => driver.AttachAsync(default));
            Watches.Add(adapters.Follow(() => Adapter.State));
        }

        public NetvscController Driver => (NetvscController)Undriven.Instance;

        public NetvscAdapter Adapter => Driver.Adapter!;

        public void Do(Func<NetvscController, ValueTask> verb)
        {
            var task = verb(Driver).AsTask();
            See();
            Run(task);
            task.GetAwaiter().GetResult();
        }
    }
}
