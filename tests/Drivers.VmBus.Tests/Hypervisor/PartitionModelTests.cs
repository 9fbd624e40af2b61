using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Sandbox.Partition;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hypervisor;

/// <summary>
/// The parts of the simulated partition that a guest's low-level kernel uses (timers, reference time, crash report, end of interrupt),
/// driven by their registers.
/// </summary>
public sealed class PartitionModelTests
{
    [Fact]
    public void A_register_that_is_not_granted_does_not_exist()
    {
        using var machine = new TestPartition(new PartitionOptions { Privileges = PartitionPrivileges.None, Features = HypervisorFeatures.None });
        var msr = machine.Platform.Msr;
        Assert.Throws<SimulatedFaultException>(() => msr.Read(Msr.TscFrequency));
        Assert.Throws<SimulatedFaultException>(() => msr.Write(Msr.Reset, 1));
        Assert.False(msr.TryRead(Msr.CrashControl, out _));
        Assert.False(msr.TryWrite(Msr.Eoi, 0));
        Assert.False(machine.Model.Registers.IsReset);
    }

    [Fact]
    public void The_reference_page_and_the_counter_tell_the_same_time()
    {
        using var machine = new TestPartition();
        var msr = machine.Platform.Msr;
        using var page = machine.Memory.Allocate(4096, DmaConstraints.None);
        msr.Write(Msr.ReferenceTsc, page.PhysicalAddress.Value | Msr.PageEnable);
        machine.Clock.Advance(TimeSpan.FromDays(300));
        machine.Clock.Advance(TimeSpan.FromTicks(7));
        var expected = (ulong)(TimeSpan.FromDays(300).Ticks + 7);
        Assert.Equal(expected, msr.Read(Msr.ReferenceCounter));
        Assert.NotEqual(ReferenceTscLayout.Invalid, MemoryMarshal.Read<uint>(page.GetSpan()));
        var scale = MemoryMarshal.Read<ulong>(page.GetSpan()[ReferenceTscLayout.Scale..]);
        var offset = MemoryMarshal.Read<ulong>(page.GetSpan()[ReferenceTscLayout.Offset..]);
        Assert.Equal(expected, Math.BigMul(machine.Platform.Tsc.Read(), scale, out _) + offset);
        machine.Model.Registers.SetReferencePage(ReferenceTscLayout.Invalid);
        Assert.Equal(ReferenceTscLayout.Invalid, MemoryMarshal.Read<uint>(page.GetSpan()));
        msr.Write(Msr.ReferenceTsc, 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Timers_fire_once_at_their_time_or_with_their_period(bool direct)
    {
        using var machine = new TestPartition(new PartitionOptions
        {
            Processors = 2,
            Features = direct ? HypervisorFeatures.DirectTimers : HypervisorFeatures.None,
        });
        var fired = new List<(int Processor, long Ticks)>();
        SynIc? synic = null;
        synic = new SynIc(machine.Platform, machine.Info, new SynIcSource(Sint.Timer, "timer", processor =>
        {
            SynIcMessage message = default;
            while (synic!.TryTakeMessage(processor, Sint.Timer, ref message))
            {
                Assert.Equal((SynIcMessageType.TimerExpired, 24), (message.Type, (int)message.PayloadSize));
                Assert.Equal(1u, MemoryMarshal.Read<TimerMessage>(message.Payload).Timer);
                fired.Add((processor, machine.Clock.Elapsed.Ticks));
            }
        }));
        synic.Start();
        using var vector = machine.Platform.Vectors.Allocate("direct", processor => fired.Add((processor, machine.Clock.Elapsed.Ticks)), endsItself: false);
        void Set(bool periodic, ulong count) => machine.Platform.Processors.Run(1, () =>
        {
            var config = direct ? TimerConfig.Direct(vector.Vector, periodic) : TimerConfig.Message(Sint.Timer, periodic);
            machine.Platform.Msr.Write(Msr.TimerCount(1), 0);
            machine.Platform.Msr.Write(Msr.TimerConfig(1), config.Value);
            machine.Platform.Msr.Write(Msr.TimerCount(1), count);
        });
        Set(periodic: false, 1000);
        machine.Clock.Advance(TimeSpan.FromTicks(5000));
        Assert.Equal([(1, 1000L)], fired);
        Set(periodic: false, 2000);
        machine.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([(1, 1000L), (1, 5000L)], fired);
        Set(periodic: true, 1000);
        machine.Clock.Advance(TimeSpan.FromTicks(3500));
        Assert.Equal(5, fired.Count);
        Assert.Equal((1, 8001L), fired[^1]);
        Set(periodic: true, 0);
        machine.Clock.Advance(TimeSpan.FromTicks(5000));
        Assert.Equal(5, fired.Count);
        synic.Stop();
    }

    [Fact]
    public void A_crash_report_carries_its_text()
    {
        using var machine = new TestPartition();
        var msr = machine.Platform.Msr;
        using var text = machine.Memory.Allocate(4096, DmaConstraints.None);
        "the end"u8.CopyTo(text.GetSpan());
        Assert.Equal(Msr.CrashNotify | Msr.CrashMessage, msr.Read(Msr.CrashControl));
        msr.Write(Msr.CrashP0 + 3, text.PhysicalAddress.Value);
        msr.Write(Msr.CrashP0 + 4, 7);
        msr.Write(Msr.CrashControl, Msr.CrashNotify | Msr.CrashMessage);
        var (control, parameters, reported) = machine.Model.Registers.Crashes.Single();
        Assert.Equal(0xC000_0000_0000_0000UL, control);
        Assert.Equal([0, 0, 0, text.PhysicalAddress.Value, 7], parameters);
        Assert.Equal("the end"u8.ToArray(), reported);
    }

    [Fact]
    public void Ends_of_interrupt_are_counted_on_their_processor()
    {
        using var machine = new TestPartition(new PartitionOptions { Processors = 2 });
        machine.Platform.Processors.Run(1, () => machine.Platform.Msr.Write(Msr.Eoi, 0));
        Assert.Equal([0, 1], machine.Model.Processors.Select(processor => processor.EndsOfInterrupt));
    }

    [Fact]
    public void A_rep_call_ends_early_when_the_hypervisor_likes_and_goes_on_where_it_stopped()
    {
        using var machine = new TestPartition(new PartitionOptions { RepsPerCall = 2 });
        machine.EnableHypercalls();
        using var input = machine.Memory.Allocate(4096, DmaConstraints.None);
        var control = CallControl.Slow(CallCode.FlushList, repCount: 5);
        var starts = new List<int>();
        while (starts.Count < 10)
        {
            starts.Add(control.RepStart);
            var result = new CallResult(machine.Platform.Hypercall.Call(control.Value, input.PhysicalAddress.Value, 0));
            Assert.True(result.IsSuccess);
            if (result.RepsCompleted == control.RepCount)
                break;
            control = control.StartingAt(result.RepsCompleted);
        }

        Assert.Equal([0, 2, 4], starts);
        Assert.All(machine.Model.Hypercalls.Calls, call => Assert.Equal(CallCode.FlushList, call.Control.Code));
    }
}
