using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Partition;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hypervisor;

public sealed class TimeTests
{
    [Fact]
    public void The_page_gives_the_time_and_the_register_steps_in()
    {
        using var machine = new TestPartition();
        using var clock = ReferenceClock.TryStart(machine.Platform, machine.Info)!;
        Assert.True(clock.HasPage);
        machine.Clock.Advance(TimeSpan.FromDays(300));
        machine.Clock.Advance(TimeSpan.FromTicks(7));
        var expected = (ulong)(TimeSpan.FromDays(300).Ticks + 7);
        Assert.Equal(expected, clock.Read());
        Assert.Equal(0, clock.FallBacks);
        machine.Model.Registers.SetReferencePage(0);
        machine.Clock.Advance(TimeSpan.FromTicks(5));
        Assert.Equal(expected + 5, clock.Read());
        Assert.Equal(1, clock.FallBacks);
        machine.Model.Registers.SetReferencePage(7);
        Assert.Equal(expected + 5, clock.Read());
        Assert.Equal(1, clock.FallBacks);
        clock.Dispose();
        Assert.Equal(0UL, machine.Model.Registers.ReferenceTsc & 1);
        Assert.Equal(0, machine.Memory.PageCount);
    }

    [Fact]
    public void Without_the_page_the_register_is_read_and_without_that_there_is_no_clock()
    {
        using var machine = new TestPartition(new PartitionOptions { Privileges = PartitionPrivileges.ReferenceCounter });
        using var clock = ReferenceClock.TryStart(machine.Platform, machine.Info)!;
        Assert.False(clock.HasPage);
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10_000_000UL, clock.Read());
        using var none = new TestPartition(new PartitionOptions { Privileges = PartitionPrivileges.Hypercall });
        Assert.Null(ReferenceClock.TryStart(none.Platform, none.Info));
    }

    [Fact]
    public void H4_a_page_that_always_changes_ends_in_the_register_and_time_never_goes_back()
    {
        var page = new byte[4096];
        page[0] = 1;
        Assert.False(ReferenceClock.TryRead(page, new ChangingCounter(page), new Barriers(), out _));
        page[0] = 1;
        page[15] = 0x80;
        Assert.True(ReferenceClock.TryRead(page, new ChangingCounter(null), new Barriers(), out var time));
        Assert.Equal(500UL, time);

        using var machine = new TestPartition();
        using var clock = ReferenceClock.TryStart(machine.Platform, machine.Info)!;
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        var before = clock.Read();
        Assert.True(machine.Memory.TryWrite((machine.Model.Registers.ReferenceTsc & ~0xFFFUL) + 16, BitConverter.GetBytes(-5_000_000L)));
        Assert.Equal(before, clock.Read());
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(before + 5_000_000, clock.Read());
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
        VectorHandler take = processor =>
        {
            SynIcMessage message = default;
            while (synic!.TryTakeMessage(processor, Sint.Timer, ref message))
            {
                Assert.True(SyntheticTimer.TryParse(message, out var expiry));
                Assert.Equal(1u, expiry.Timer);
                fired.Add((processor, machine.Clock.Elapsed.Ticks));
            }
        };
        synic = new SynIc(machine.Platform, machine.Info, new SynIcSource(Sint.Timer, "timer", take));
        synic.Start();
        using var vector = machine.Platform.Vectors.Allocate("direct", processor => fired.Add((processor, machine.Clock.Elapsed.Ticks)), endsItself: false);
        var timer = new SyntheticTimer(machine.Platform.Msr, 1);
        machine.Platform.Processors.Run(1, () =>
        {
            timer.Configure(SyntheticTimer.ConfigFor(machine.Info, vector.Vector, Sint.Timer, periodic: false));
            timer.SetCount(1000);
        });
        machine.Clock.Advance(TimeSpan.FromTicks(5000));
        Assert.Equal([(1, 1000L)], fired);
        machine.Platform.Processors.Run(1, () => timer.SetCount(2000));
        machine.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([(1, 1000L), (1, 5000L)], fired);
        machine.Platform.Processors.Run(1, () =>
        {
            timer.Configure(SyntheticTimer.ConfigFor(machine.Info, vector.Vector, Sint.Timer, periodic: true));
            timer.SetCount(1000);
        });
        machine.Clock.Advance(TimeSpan.FromTicks(3500));
        Assert.Equal(5, fired.Count);
        Assert.Equal((1, 8001L), fired[^1]);
        machine.Platform.Processors.Run(1, timer.Stop);
        machine.Clock.Advance(TimeSpan.FromTicks(5000));
        Assert.Equal(5, fired.Count);
    }

    [Fact]
    public void H2_other_messages_are_not_timers()
    {
        var message = new SynIcMessage { Type = SynIcMessageType.TimerExpired, PayloadSize = 24 };
        Assert.True(SyntheticTimer.TryParse(message, out _));
        ((Span<byte>)message.Payload)[0] = 4;
        Assert.False(SyntheticTimer.TryParse(message, out _));
        ((Span<byte>)message.Payload)[0] = 3;
        message.PayloadSize = 23;
        Assert.False(SyntheticTimer.TryParse(message, out _));
        message.PayloadSize = 24;
        message.Type = SynIcMessageType.VmBus;
        Assert.False(SyntheticTimer.TryParse(message, out _));
    }

    private sealed class ChangingCounter(byte[]? page) : ITimestampCounter
    {
        public ulong Read()
        {
            if (page is not null)
                page[0] = (byte)((page[0] % 255) + 1);
            return 1000;
        }
    }

    private sealed class Barriers : IDmaMemory
    {
        public DmaBuffer Allocate(int length, in DmaConstraints constraints) => throw new InvalidOperationException();

        public bool TryMap(
            ReadOnlyMemory<byte> memory, in DmaConstraints constraints, Span<DmaSegment> segments, out int count, out System.Buffers.MemoryHandle pin) =>
            throw new InvalidOperationException();

        public void WriteBarrier() => Interlocked.MemoryBarrier();

        public void ReadBarrier() => Interlocked.MemoryBarrier();

        public void FullBarrier() => Interlocked.MemoryBarrier();
    }
}
