using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>One interface, from tulip to netvsc and back.</summary>
public sealed class NicHandoffTests
{
    [Fact]
    public void The_synthetic_adapter_takes_over_and_gives_back()
    {
        using var machine = new NicMachine(1);
        Assert.Equal("tulip0", machine.Nic.Name);
        machine.Run(machine.SendAsync(1));
        (_, HostChannel channel) = machine.OfferSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        Assert.Equal(("tulip0", "netvsc0", null), (machine.Reports[0].From.Name, machine.Reports[0].To.Name, machine.Reports[0].Error));
        Assert.Equal(("tulip0", "netvsc0"), (machine.Nic.Name, machine.Nic.Current.Name));
        machine.Run(machine.SendAsync(2));
        machine.Settle();
        machine.Inject(100);
        machine.Settle();
        Assert.Equal([100], machine.TakeReceived());
        machine.Host.Rescind(channel);
        machine.RunUntil(() => machine.Reports.Count == 2);
        Assert.Equal("tulip0", machine.Nic.Current.Name);
        machine.Run(machine.SendAsync(3));
        machine.Settle();
        machine.Inject(101);
        machine.Settle();
        Assert.Equal([101], machine.TakeReceived());
        Assert.Equal([1, 2, 3], machine.Wire.Select(frame => NicMachine.NumberOf(frame)));
        Assert.Equal((3L, 2L), (machine.Nic.Statistics.SentFrames, machine.Nic.Statistics.ReceivedFrames));
        machine.AssertClean();
    }

    [Fact]
    public void The_filter_goes_along()
    {
        using var machine = new NicMachine(2);
        machine.Run(machine.Nic.SetFilterAsync(new ReceiveFilter { Promiscuous = true }).AsTask());
        machine.OfferSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        Assert.True(machine.Nic.Current.Filter.Promiscuous);
        machine.Run(machine.Nic.SetFilterAsync(ReceiveFilter.Station).AsTask());
        Assert.False(machine.Nic.Current.Filter.Promiscuous);
        machine.AssertClean();
    }

    [Fact]
    public void A_quiesced_interface_stays_so_across_a_switch()
    {
        using var machine = new NicMachine(3);
        Task<NetworkResult> rest = machine.Nic.QuiesceAsync().AsTask();
        machine.Run(rest);
        Assert.True(rest.Result.IsSuccess);
        Task<bool> waits = machine.SendAsync(7);
        machine.OfferSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        machine.Inject(100);
        machine.Settle();
        Assert.False(waits.IsCompleted);
        Assert.Empty(machine.TakeReceived());
        machine.Run(machine.Nic.ResumeAsync().AsTask());
        machine.Run(waits);
        machine.Settle();
        Assert.Equal([7], machine.Wire.Select(frame => NicMachine.NumberOf(frame)));
        Assert.Equal("netvsc0", machine.Nic.Current.Name);
        machine.AssertClean();
    }

    [Fact]
    public void A_frame_that_waits_can_be_given_up()
    {
        using var machine = new NicMachine(4);
        machine.Run(machine.Nic.QuiesceAsync().AsTask());
        Assert.True(machine.Nic.TryRent(out Frame? frame));
        frame.Length = 100;
        using var stop = new CancellationTokenSource();
        Task<NetworkResult> send = machine.Nic.SendAsync(frame, stop.Token).AsTask();
        stop.Cancel();
        Assert.True(send.IsCanceled);
        machine.Run(machine.Nic.ResumeAsync().AsTask());
        machine.Run(machine.SendAsync(8));
        machine.Settle();
        Assert.Equal([8], machine.Wire.Select(frame => NicMachine.NumberOf(frame)));
    }

    [Fact]
    public void An_invalid_frame_is_refused_and_given_back()
    {
        using var machine = new NicMachine(5);
        for (int i = 0; i < 300; i++)
        {
            Assert.True(machine.Nic.TryRent(out Frame? frame));
            frame.Length = 13;
            Task<NetworkResult> result = machine.Nic.SendAsync(frame).AsTask();
            Assert.Equal(NetworkErrorKind.InvalidRequest, result.Result.Error?.Kind);
        }
    }

    [Fact]
    public void Offloads_are_those_of_the_device_in_use()
    {
        using var machine = new NicMachine(6);
        Assert.Equal(NetworkErrorKind.InvalidRequest, Send().Error?.Kind);
        (_, HostChannel channel) = machine.OfferSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        Assert.True(machine.Nic.Offloads.Vlan);
        Assert.True(Send().IsSuccess);
        machine.Settle();
        machine.Host.Rescind(channel);
        machine.RunUntil(() => machine.Reports.Count == 2);
        Assert.Equal(default, machine.Nic.Offloads);
        Assert.Equal(NetworkErrorKind.InvalidRequest, Send().Error?.Kind);
        machine.Settle();
        Assert.Single(machine.Wire);

        NetworkResult Send()
        {
            Assert.True(machine.Nic.TryRent(out Frame? frame));
            frame.Length = 100;
            new MacAddress(0x0200_0000_0099).Write(frame.Data);
            machine.Nic.Address.Write(frame.Data[MacAddress.Size..]);
            frame.Offload = new FrameOffload { Vlan = 5 };
            Task<NetworkResult> task = machine.Nic.SendAsync(frame).AsTask();
            machine.Run(task);
            return task.Result;
        }
    }

    [Fact]
    public void Batches_go_whole_wait_for_a_switch_and_stop_at_what_is_invalid()
    {
        using var machine = new NicMachine(7);
        Assert.True(Send(1, 2, 3).IsSuccess);
        machine.Run(machine.Nic.QuiesceAsync().AsTask());
        Task<NetworkResult> waits = Begin(4, 5, 6);
        machine.OfferSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        Assert.False(waits.IsCompleted);
        machine.Run(machine.Nic.ResumeAsync().AsTask());
        machine.Run(waits);
        Assert.True(Send(7, 8).IsSuccess);
        Assert.Equal(NetworkErrorKind.InvalidRequest, Send(9, -1, 10).Error?.Kind);
        machine.Settle();
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], machine.Wire.Select(frame => NicMachine.NumberOf(frame)));
        for (int i = 0; i < 128; i++)
            Assert.True(machine.Nic.TryRent(out _));
        machine.AssertClean();

        NetworkResult Send(params int[] numbers)
        {
            Task<NetworkResult> task = Begin(numbers);
            machine.Run(task);
            return task.Result;
        }

        Task<NetworkResult> Begin(params int[] numbers) => machine.Nic.SendAsync(Array.ConvertAll(numbers, machine.Frame)).AsTask();
    }
}
