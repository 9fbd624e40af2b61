using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Sandbox.Partition;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hypervisor;

public sealed class SynIcTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Set_up_in_order_on_every_processor_and_undone(bool autoEoi)
    {
        using var machine = new TestPartition(new PartitionOptions
        {
            Processors = 4,
            Hints = autoEoi ? HypervisorHints.None : HypervisorHints.DeprecateAutoEoi,
        });
        var synic = new SynIc(machine.Platform, machine.Info, new SynIcSource(Sint.VmBus, "vmbus", _ => { }), new SynIcSource(Sint.Timer, "timer", _ => { }));
        synic.Start();
        foreach (var processor in machine.Model.Processors)
        {
            Assert.Equal(["SIMP", "SIEFP", "SINT2", "SINT4", "SCONTROL"], processor.SynIc.Writes);
            Assert.Equal(1UL, processor.SynIc.Control & 1);
            Assert.Equal((false, autoEoi, (byte)0x40), (processor.SynIc.Sint(2).IsMasked, processor.SynIc.Sint(2).IsAutoEoi, processor.SynIc.Sint(2).Vector));
            Assert.Equal((byte)0x41, processor.SynIc.Sint(4).Vector);
            processor.SynIc.Writes.Clear();
        }

        Assert.Equal(8, machine.Memory.PageCount);
        synic.Stop();
        foreach (var processor in machine.Model.Processors)
        {
            Assert.Equal(["SINT2", "SINT4", "SIMP", "SIEFP", "SCONTROL"], processor.SynIc.Writes);
            Assert.Equal((0UL, 0UL, 0UL), (processor.SynIc.Control & 1, processor.SynIc.MessagePage & 1, processor.SynIc.EventPage & 1));
            Assert.True(processor.SynIc.Sint(2).IsMasked);
        }

        Assert.Equal(0, machine.Memory.PageCount);
        Assert.Equal(0, machine.Model.Vectors.Count);
        Assert.Empty(machine.Memory.Violations);
    }

    [Fact]
    public void Pages_that_are_live_already_are_used_and_left_with_all_that_is_not_ours()
    {
        using var machine = new TestPartition(new PartitionOptions { Processors = 2 });
        var timers = EnableAsKernel(machine);
        var got = new List<(int Processor, byte Content)>();
        SynIc? synic = null;
        synic = new SynIc(machine.Platform, machine.Info, new SynIcSource(Sint.VmBus, "vmbus", processor =>
        {
            SynIcMessage message = default;
            while (synic!.TryTakeMessage(processor, Sint.VmBus, ref message))
                got.Add((processor, ((ReadOnlySpan<byte>)message.Payload)[0]));
            synic.TakeEvents(processor, Sint.VmBus, 7, got, static (list, flag) => list.Add((-1, (byte)flag)));
        }));
        var pages = machine.Memory.PageCount;
        var before = machine.Model.Processors.Select(processor => (processor.SynIc.MessagePage, processor.SynIc.EventPage, processor.SynIc.Sint(4))).ToArray();
        synic.Start();
        Assert.Equal(pages, machine.Memory.PageCount);
        Assert.All(machine.Model.Processors, processor => Assert.Equal(["SINT2"], processor.SynIc.Writes));
        Assert.True(machine.Model.Processors[1].SynIc.TryPost(2, 1, 0, [42]));
        Assert.True(machine.Model.Processors[0].SynIc.TrySignal(2, 5));
        Assert.True(machine.Model.Processors[1].SynIc.TryPost(4, (uint)SynIcMessageType.TimerExpired, 0, new byte[24]));
        machine.Clock.Advance(TimeSpan.Zero);
        Assert.Equal([(-1, (byte)5), (1, (byte)42)], got.Order());
        Assert.Equal([1], timers);
        synic.Stop();
        Assert.Equal(before, machine.Model.Processors.Select(processor => (processor.SynIc.MessagePage, processor.SynIc.EventPage, processor.SynIc.Sint(4))));
        Assert.All(machine.Model.Processors, processor => Assert.Equal((1UL, true), (processor.SynIc.Control & 1, processor.SynIc.Sint(2).IsMasked)));
        Assert.All(machine.Model.Processors, processor => Assert.Equal(["SINT2", "SINT2"], processor.SynIc.Writes));
        Assert.Equal(pages, machine.Memory.PageCount);
        // Started again, it works again.
        synic.Start();
        Assert.True(machine.Model.Processors[0].SynIc.TryPost(2, 1, 0, [43]));
        machine.Clock.Advance(TimeSpan.Zero);
        Assert.Equal((0, (byte)43), got[^1]);
        Assert.Empty(machine.Memory.Violations);
    }

    [Fact]
    public void A_live_page_outside_of_memory_is_refused_and_everything_undone()
    {
        using var machine = new TestPartition(new PartitionOptions { Processors = 2 });
        machine.Platform.Processors.Run(1, () => machine.Platform.Msr.Write(Msr.Siefp, 0xFFFF_F000_0000UL | Msr.PageEnable));
        machine.Memory.Violations.Clear();
        var synic = new SynIc(machine.Platform, machine.Info, new SynIcSource(Sint.VmBus, "vmbus", _ => { }));
        Assert.Throws<ArgumentException>(synic.Start);
        Assert.Equal((0, 0), (machine.Memory.PageCount, machine.Model.Vectors.Count));
        Assert.All(machine.Model.Processors, processor => Assert.Equal((true, 0UL), (processor.SynIc.Sint(2).IsMasked, processor.SynIc.MessagePage & 1)));
    }

    [Fact]
    public void Queued_messages_come_one_after_another_by_the_EOM_rule()
    {
        using var machine = new TestPartition(new PartitionOptions { Processors = 2 });
        var got = new List<byte>();
        SynIc? synic = null;
        synic = new SynIc(machine.Platform, machine.Info, new SynIcSource(Sint.VmBus, "vmbus", processor =>
        {
            Assert.Equal(1, processor);
            SynIcMessage message = default;
            while (synic!.TryTakeMessage(processor, Sint.VmBus, ref message))
                got.Add(((ReadOnlySpan<byte>)message.Payload)[0]);
        }));
        synic.Start();
        for (byte i = 0; i < 20; i++)
            Assert.True(machine.Model.Processors[1].SynIc.TryPost(2, 1, 0, [i]));
        machine.Clock.Advance(TimeSpan.Zero);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (byte)i), got);
        Assert.Equal(0, machine.Model.Processors[1].SynIc.Queued);
        // The one that was alone is not followed by EOM.
        var ends = machine.Model.Processors[1].SynIc.EndsOfMessage;
        Assert.InRange(ends, 1, 20);
        machine.Model.Processors[1].SynIc.TryPost(2, 1, 0, [99]);
        machine.Clock.Advance(TimeSpan.Zero);
        Assert.Equal(99, got[^1]);
        Assert.Equal(ends, machine.Model.Processors[1].SynIc.EndsOfMessage);
    }

    [Fact]
    public void H1_a_message_of_impossible_size_is_dropped_and_the_next_one_arrives()
    {
        using var machine = new TestPartition();
        SynIc? synic = null;
        var got = 0;
        synic = new SynIc(machine.Platform, machine.Info, new SynIcSource(Sint.VmBus, "vmbus", processor =>
        {
            SynIcMessage message = default;
            while (synic!.TryTakeMessage(processor, Sint.VmBus, ref message))
                got++;
        }));
        synic.Start();
        machine.Model.Processors[0].SynIc.WriteSlot(2, Hex.Of(new SynIcMessage { Type = SynIcMessageType.VmBus, PayloadSize = 241 }));
        machine.Clock.Advance(TimeSpan.Zero);
        Assert.Equal((0, 1L), (got, synic.BadMessages));
        machine.Model.Processors[0].SynIc.TryPost(2, 1, 0, new byte[240]);
        machine.Clock.Advance(TimeSpan.Zero);
        Assert.Equal((1, 1L), (got, synic.BadMessages));
    }

    [Fact]
    public void Event_flags_are_taken_once_and_only_up_to_the_highest()
    {
        using var machine = new TestPartition();
        var flags = new List<uint>();
        var ignored = 0;
        SynIc? synic = null;
        synic = new SynIc(machine.Platform, machine.Info, new SynIcSource(Sint.VmBus, "vmbus", processor =>
            ignored += synic!.TakeEvents(processor, Sint.VmBus, 70, flags, static (list, flag) => list.Add(flag))));
        synic.Start();
        foreach (var flag in new uint[] { 1, 63, 64, 70, 71, 127, 128, 2047 })
            Assert.True(machine.Model.Processors[0].SynIc.TrySignal(2, flag));
        machine.Clock.Advance(TimeSpan.Zero);
        Assert.Equal([1u, 63u, 64u, 70u], flags);
        Assert.Equal(2, ignored);
        machine.Model.Processors[0].SynIc.TrySignal(2, 64);
        machine.Clock.Advance(TimeSpan.Zero);
        Assert.Equal([1u, 63u, 64u, 70u, 64u], flags);
    }

    [Fact]
    public void H5_impossible_processor_indices_are_refused()
    {
        using var above = new TestPartition(new PartitionOptions { Processors = 2, MostProcessors = 2, VpIndexOf = processor => (uint)processor * 2 });
        Assert.Throws<InvalidOperationException>(() => new VirtualProcessors(above.Platform, above.Info));
        using var twice = new TestPartition(new PartitionOptions { Processors = 2, VpIndexOf = _ => 1 });
        Assert.Throws<InvalidOperationException>(() => new VirtualProcessors(twice.Platform, twice.Info));
        using var fine = new TestPartition(new PartitionOptions { Processors = 3, VpIndexOf = processor => 10 - (uint)processor });
        var indices = new VirtualProcessors(fine.Platform, fine.Info);
        Assert.Equal([10u, 9u, 8u], Enumerable.Range(0, indices.Count).Select(i => indices.Of(i).Value));
    }

    /// <summary>Enables the SynIC of every processor as a low-level kernel does, with a source of its own for timers.</summary>
    /// <returns>The processors on which its source has fired.</returns>
    private static List<int> EnableAsKernel(TestPartition machine)
    {
        var fired = new List<int>();
        var vector = machine.Platform.Vectors.Allocate("kernel timer", fired.Add, endsItself: false);
        for (var i = 0; i < machine.Platform.Processors.Count; i++)
        {
            var messages = machine.Memory.Allocate(4096, DmaConstraints.None);
            var events = machine.Memory.Allocate(4096, DmaConstraints.None);
            machine.Platform.Processors.Run(i, () =>
            {
                var msr = machine.Platform.Msr;
                msr.Write(Msr.Simp, messages.PhysicalAddress.Value | Msr.PageEnable);
                msr.Write(Msr.Siefp, events.PhysicalAddress.Value | Msr.PageEnable);
                msr.Write(Msr.SintOf(Sint.Timer), SintRegister.Reset.Unmasked(vector.Vector, autoEoi: false).Value);
                msr.Write(Msr.SControl, Msr.PageEnable);
            });
            machine.Model.Processors[i].SynIc.Writes.Clear();
        }

        return fired;
    }
}
