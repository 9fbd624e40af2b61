using GuestOS.Kernel.Block.Paths;
using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Network.Paths;
using GuestOS.Kernel.Tests.Block.Paths;
using GuestOS.Machine.Block;
using GuestOS.Machine.Network;
using GuestOS.Testing.States;

namespace GuestOS.Kernel.Tests.Handoff;

/// <summary>The state tables of the hand-off, of disks and of network interfaces: each change is made, and no other.</summary>
public sealed class PathStateTests
{
    private const string PathTable = """
        Standby: Serving, Postponed, Foreign, Lost
        Postponed: Standby, Serving, Lost
        Serving: Standby, Lost
        Foreign: Lost
        Lost:
        """;

    private const string SwitchTable = """
        Open: Switching
        Switching: Open, AtRest
        AtRest: Switching
        """;

    [Fact]
    public void Each_change_of_a_path_to_a_disk_is_made_and_no_other()
    {
        var paths = new StateTable(PathTable);
        var switches = new StateTable(SwitchTable);
        Assert.Equal(StateTable.ChangesOf<PathState>(HandoffPath.CanBecome), paths.Changes);
        Live(life =>
        {
            life.Add();
            life.Until(PathState.Serving);
            life.Synthetic.Lose();
            life.Flush();
        });
        Live(life =>
        {
            life.Add();
            life.Until(PathState.Serving);
            life.Remove(life.Machine.Emulated);
        });
        Live(life =>
        {
            life.Postpone();
            life.Until(PathState.Serving);
        });
        Live(life =>
        {
            life.Postpone();
            life.Machine.Emulated.Lose();
            life.Flush();
            life.Until(PathState.Serving);
        });
        Live(life =>
        {
            life.Postpone();
            life.Remove(life.Synthetic);
        });
        Live(life =>
        {
            life.Synthetic.Geometry = life.Synthetic.Geometry with { BlockCount = 13 };
            life.Add();
            life.Until(PathState.Foreign);
            life.Remove(life.Synthetic);
        });
        Assert.True(paths.IsProved, paths.ToString());
        Assert.Empty(switches.Strange());
        Assert.Equal(["AtRest -> Switching", "Switching -> AtRest"], switches.Never());

        void Live(Action<DiskLife> story) => story(new DiskLife(paths, switches));
    }

    [Fact]
    public void Each_change_of_a_path_to_a_network_is_made_and_no_other()
    {
        var paths = new StateTable(PathTable);
        var switches = new StateTable(SwitchTable);
        Assert.Equal(Enum.GetNames<SwitchState>().Order(), switches.States.Order());
        Live(life =>
        {
            life.Add();
            life.Until(PathState.Serving);
            life.Synthetic.Lose();
            life.Send();
        });
        Live(life =>
        {
            life.Add();
            life.Until(PathState.Serving);
            life.Remove(life.Emulated);
        });
        Live(life =>
        {
            life.Postpone();
            life.Until(PathState.Serving);
        });
        Live(life =>
        {
            life.Postpone();
            life.Emulated.Lose();
            life.Send();
            life.Until(PathState.Serving);
        });
        Live(life =>
        {
            life.Postpone();
            life.Remove(life.Synthetic);
        });
        Live(life =>
        {
            life.Run(life.Nic.QuiesceAsync().AsTask());
            Assert.Equal(SwitchState.AtRest, life.Nic.State);
            life.Add();
            life.Until(PathState.Serving);
            Assert.Equal(SwitchState.AtRest, life.Nic.State);
            life.Run(life.Nic.ResumeAsync().AsTask());
            life.Send();
        });
        Assert.Empty(paths.Strange());
        Assert.Equal(["Foreign -> Lost", "Standby -> Foreign"], paths.Never());
        Assert.True(switches.IsProved, switches.ToString());

        void Live(Action<NicLife> story) => story(new NicLife(paths, switches));
    }

    [Fact]
    public void A_disk_stays_with_a_device_that_it_could_not_change_over_to_at_first_when_a_lesser_one_comes()
    {
        var machine = new PathMachine();
        machine.Emulated.FailingQuiesces = 1;
        FakePath synthetic = machine.AddSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        machine.Emulated.Lose();
        machine.Registry.Remove(machine.Emulated);
        Assert.True(machine.Run(machine.Disk.FlushAsync()).IsSuccess);
        machine.Registry.Add(new FakePath("ata0.1b", PathRank.Emulated, machine.Medium, machine.Clock, machine.Random), "ata 00:01.1");
        Assert.True(machine.Run(machine.Disk.FlushAsync()).IsSuccess);
        Assert.Same(synthetic, machine.Entry.Source);
        Assert.Equal(2, machine.Reports.Count);
    }

    [Fact]
    public void Frames_that_wait_for_an_interface_at_rest_fail_when_its_last_device_goes()
    {
        var life = new NicLife();
        life.Run(life.Nic.QuiesceAsync().AsTask());
        Task<NetworkResult> waits = life.Begin();
        Assert.False(waits.IsCompleted);
        Assert.False(life.Nic.RemovePath(life.Emulated));
        life.Run(waits);
        Assert.Equal(NetworkErrorKind.Gone, waits.Result.Error?.Kind);
    }

    [Fact]
    public void An_interface_that_was_to_rest_when_no_device_was_left_serves_with_the_next_one()
    {
        var life = new NicLife();
        life.Emulated.Lose();
        Assert.Equal(NetworkErrorKind.Gone, life.Send().Error?.Kind);
        Task<NetworkResult> rest = life.Nic.QuiesceAsync().AsTask();
        life.Run(rest);
        Assert.Equal(NetworkErrorKind.Gone, rest.Result.Error?.Kind);
        life.Add();
        life.Until(PathState.Serving);
        Assert.True(life.Send().IsSuccess);
        Assert.Equal(1, life.Synthetic.Sent);
    }
}
