using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Network;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Holds that do not come about, or do not come off, and what is wanted meanwhile.</summary>
public sealed class HoldTests
{
    private const string FrameDone = "nvsp 6c";
    private const string SetDone = "rndis 80000005";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_hold_that_a_host_delays_that_completes_no_frame_ends_in_time_and_frames_flow_again(bool isSuspend)
    {
        using var machine = NetworkMachine.Started();
        machine.Provider.Mangle = (name, bytes) => name == FrameDone ? null : bytes;
        machine.Send(Frames.Random(machine.Random, 100, machine.Adapter.Address));
        Assert.Equal(1, machine.Adapter.Outstanding);
        machine.Provider.Mangle = null;
        var start = machine.Clock.Elapsed;
        if (isSuspend)
        {
            Assert.Contains("did not complete 1 frames", Assert.ThrowsAny<IOException>(() => machine.Run(machine.Controller.SuspendAsync(default))).Message);
        }
        else
        {
            var error = machine.Run(machine.Adapter.QuiesceAsync()).Error!;
            Assert.Equal((NetworkErrorKind.Timeout, "netvsc0"), (error.Kind, error.Device));
        }

        Assert.InRange(machine.Clock.Elapsed - start, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
        AssertFlows(machine);
        AssertEnds(machine);
    }

    [Fact]
    public void A_hold_that_is_given_up_while_frames_are_on_their_way_is_none()
    {
        using var machine = NetworkMachine.Started();
        using var cancel = new CancellationTokenSource();
        machine.Provider.Mangle = (name, bytes) => name == FrameDone ? null : bytes;
        machine.Send(Frames.Random(machine.Random, 100, machine.Adapter.Address));
        machine.Provider.Mangle = null;
        var hold = machine.Adapter.HoldAsync(NetvscAdapter.Hold.Quiesced, cancel.Token).AsTask();
        var waiting = machine.Adapter.SendAsync(machine.Rent(new byte[100])).AsTask();
        machine.Settle();
        Assert.False(hold.IsCompleted || waiting.IsCompleted);
        cancel.Cancel();
        machine.RunUntil(() => hold.IsCompleted);
        Assert.True(hold.IsCanceled);
        machine.Run(waiting);
        AssertFlows(machine);
        AssertEnds(machine);
    }

    [Fact]
    public void A_hold_stays_when_the_host_does_not_take_the_filter_with_which_it_would_come_off()
    {
        using var machine = NetworkMachine.Started();
        machine.Run(machine.Adapter.QuiesceAsync()).ThrowIfFailed();
        var waiting = machine.Adapter.SendAsync(machine.Rent(new byte[100])).AsTask();
        machine.Provider.Mangle = (name, bytes) =>
        {
            if (name == SetDone)
                BitConverter.TryWriteBytes(bytes.AsSpan(12), 0xC000_00BB);
            return bytes;
        };
        Assert.Equal(NetworkErrorKind.NotSupported, machine.Run(machine.Adapter.ResumeAsync()).Error?.Kind);
        machine.Settle();
        Assert.Equal((AdapterState.Held, false, false), (machine.Adapter.State, machine.Adapter.IsReceiving, waiting.IsCompleted));
        machine.Provider.Mangle = null;
        machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        machine.Run(waiting);
        AssertFlows(machine);
        AssertEnds(machine);
    }

    [Fact]
    public void Of_two_holds_both_must_come_off_and_one_that_is_off_comes_off_again()
    {
        using var machine = NetworkMachine.Started();
        machine.Run(machine.Adapter.QuiesceAsync()).ThrowIfFailed();
        machine.Run(machine.Adapter.HoldAsync(NetvscAdapter.Hold.Suspended, default)).ThrowIfFailed();
        machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        Assert.Equal(AdapterState.Held, machine.Adapter.State);
        machine.Run(machine.Adapter.ReleaseAsync(NetvscAdapter.Hold.Suspended, default)).ThrowIfFailed();
        AssertFlows(machine);
        var adapter = machine.Adapter;
        AssertEnds(machine);
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(adapter.ResumeAsync()).Error?.Kind);
    }

    [Fact]
    public void A_filter_that_is_set_while_nothing_is_received_holds_when_something_is()
    {
        using var machine = NetworkMachine.Started();
        machine.Run(machine.Adapter.QuiesceAsync()).ThrowIfFailed();
        machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Promiscuous = true })).ThrowIfFailed();
        Assert.Equal((true, 0u), (machine.Adapter.Filter.Promiscuous, machine.Provider.Filter));
        machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        Assert.Equal(0x29u, machine.Provider.Filter);
        AssertFlows(machine);
        AssertEnds(machine);
    }

    private static void AssertFlows(NetworkMachine machine)
    {
        Assert.Equal((AdapterState.Flowing, true), (machine.Adapter.State, machine.Adapter.IsReceiving));
        Assert.NotEqual(0u, machine.Provider.Filter);
        machine.AssertEchoes();
    }

    private static void AssertEnds(NetworkMachine machine)
    {
        machine.DetachAll();
        machine.AssertSound();
        machine.AssertNothingLeft();
    }
}
