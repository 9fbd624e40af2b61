using GuestOS.Kernel.Block.Paths;
using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Tests.Block.Paths;
using GuestOS.Machine.Block;
using GuestOS.Testing.States;

namespace GuestOS.Kernel.Tests.Handoff;

/// <summary>A disk with an emulated device, and a synthetic one that comes when the test says so; states are looked at after each step.</summary>
internal sealed class DiskLife
{
    private readonly StateTable _paths;
    private readonly List<Action> _watches = [];
    private DiskPath _path = null!;

    public DiskLife(StateTable paths, StateTable switches)
    {
        _paths = paths;
        Synthetic = Machine.MakeSynthetic();
        _watches.Add(switches.Follow(() => Disk.State));
        Watch();
    }

    public PathMachine Machine { get; } = new();

    public FakePath Synthetic { get; }

    private MultipathDisk Disk => Machine.Entry.Paths!;

    /// <summary>The synthetic device comes, while a request is on its way.</summary>
    public void Add()
    {
        _ = Machine.Disk.FlushAsync().AsTask();
        Machine.Registry.Add(Synthetic, "storvsc 7");
        Watch();
        See();
    }

    /// <summary>The synthetic device is there, and could not take over.</summary>
    public void Postpone()
    {
        Machine.Emulated.FailingQuiesces = 1;
        Add();
        Until(PathState.Postponed);
    }

    public void Remove(IBlockDevice device)
    {
        Machine.Registry.Remove(device);
        See();
        Flush();
    }

    public void Flush()
    {
        Task task = Machine.Disk.FlushAsync().AsTask();
        See();
        Until(() => task.IsCompleted && Disk.State == SwitchState.Open);
    }

    /// <summary>Runs until the synthetic device's path is in that state, and the switch has ended.</summary>
    public void Until(PathState state) => Until(() => _path.State == state && Disk.State == SwitchState.Open);

    private void Until(Func<bool> condition) => Machine.RunUntil(() =>
    {
        See();
        return condition();
    });

    private void Watch()
    {
        DiskPath path = Disk.Paths[^1];
        _path = path;
        _watches.Add(_paths.Follow(() => path.State));
    }

    private void See() => _watches.ForEach(static watch => watch());
}
