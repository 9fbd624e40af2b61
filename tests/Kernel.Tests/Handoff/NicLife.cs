using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Network.Paths;
using GuestOS.Machine.Block;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using GuestOS.Testing;
using GuestOS.Testing.States;

namespace GuestOS.Kernel.Tests.Handoff;

/// <summary>An interface with an emulated device, and a synthetic one that comes when the test says so; states are looked at after each step.</summary>
internal sealed class NicLife
{
    private readonly StateTable _paths;
    private readonly List<Action> _watches = [];
    private NetworkPath _path = null!;

    public NicLife(StateTable? paths = null, StateTable? switches = null)
    {
        _paths = paths ?? new StateTable("");
        Emulated = new FakeNic("tulip0", PathRank.Emulated, Clock);
        Synthetic = new FakeNic("netvsc0", PathRank.Synthetic, Clock);
        Nic = new MultipathNic(Emulated, "tulip 00:03.0", new SimulatedMemory(new Random(1)), Clock, static _ => { });
        if (switches is not null)
            _watches.Add(switches.Follow(() => Nic.State));
        Watch();
    }

    public ManualTimeProvider Clock { get; } = new();

    public FakeNic Emulated { get; }

    public FakeNic Synthetic { get; }

    public MultipathNic Nic { get; }

    public void Add()
    {
        Nic.AddPath(Synthetic, "netvsc 7");
        Watch();
        See();
    }

    /// <summary>The synthetic device is there, and could not take over.</summary>
    public void Postpone()
    {
        Emulated.FailingQuiesces = 1;
        Add();
        Until(PathState.Postponed);
    }

    public void Remove(INetworkDevice device)
    {
        Nic.RemovePath(device);
        See();
        Send();
    }

    public NetworkResult Send()
    {
        Task<NetworkResult> task = Begin();
        See();
        Run(task);
        return task.Result;
    }

    public Task<NetworkResult> Begin()
    {
        Assert.True(Nic.TryRent(out Frame? frame), "A frame was not given back.");
        frame.Length = 100;
        return Nic.SendAsync(frame).AsTask();
    }

    public void Run(Task task)
    {
        See();
        Until(() => task.IsCompleted && Nic.State != SwitchState.Switching);
    }

    /// <summary>Runs until the synthetic device's path is in that state, and the switch has ended.</summary>
    public void Until(PathState state) => Until(() => _path.State == state && Nic.State != SwitchState.Switching);

    private void Until(Func<bool> condition)
    {
        See();
        while (!condition())
        {
            Assert.True(Clock.RunNext(), "Nothing is going to happen any more.");
            See();
        }
    }

    private void Watch()
    {
        NetworkPath path = Nic.Paths[^1];
        _path = path;
        _watches.Add(_paths.Follow(() => path.State));
    }

    private void See() => _watches.ForEach(static watch => watch());
}
