using System.Collections.Concurrent;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Tests.Hardware;

public sealed class ProcessorTests
{
    [Fact]
    public void Work_runs_on_its_processor_and_the_thread_is_free_again()
    {
        var control = new FakeProcessorControl(4);
        var processors = new KernelProcessors(control);
        ulong during = 0;
        processors.Run(2, () => during = control.Affinity);
        Assert.Equal((4UL, ulong.MaxValue), (during, control.Affinity));
        var failure = Assert.Throws<InvalidTimeZoneException>(() => processors.Run(3, () => throw new InvalidTimeZoneException("out")));
        Assert.Equal("out", failure.Message);
        Assert.Equal(ulong.MaxValue, control.Affinity);
        Assert.Throws<ArgumentOutOfRangeException>(() => processors.Run(4, () => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => processors.Run(-1, () => { }));
    }

    [Fact]
    public void Work_inside_of_work_returns_to_where_it_came_from()
    {
        var control = new FakeProcessorControl(4);
        var processors = new KernelProcessors(control);
        var places = new List<ulong>();
        processors.Run(1, () =>
        {
            places.Add(control.Affinity);
            processors.Run(3, () => places.Add(control.Affinity));
            places.Add(control.Affinity);
            int entries = control.Entries;
            processors.Run(1, () => places.Add(control.Affinity));
            // It was there already: the kernel is not entered.
            Assert.Equal(entries, control.Entries);
        });
        Assert.Equal([2, 8, 2, 2], places);
        Assert.Equal(ulong.MaxValue, control.Affinity);
    }

    [Fact]
    public void A_vector_runs_its_handler_on_the_processor_where_it_comes_in()
    {
        var control = new FakeProcessorControl(3);
        var processors = new KernelProcessors(control);
        var calls = new BlockingCollection<(int Processor, ulong Affinity, int Entries)>();
        using IProcessorVector vector = new KernelProcessorVectors(control, processors, new RecordingLog()).Allocate(
            "vmbus",
            processor =>
            {
                int before = control.Entries;
                ulong affinity = 0;
                processors.Run(processor, () => affinity = control.Affinity);
                calls.Add((processor, affinity, control.Entries - before));
            },
            endsItself: true);
        Assert.True(control.LastEndsItself);
        foreach (int processor in new[] { 2, 0, 1, 2 })
        {
            control.Raise(vector.Vector, processor);
            (int Processor, ulong Affinity, int Entries) call = calls.Take();
            Assert.Equal((processor, 1UL << processor), (call.Processor, call.Affinity));
        }

        Assert.Equal(3, control.RaisedThreads);
    }

    [Fact]
    public void After_a_vector_is_freed_no_handler_runs()
    {
        var control = new FakeProcessorControl(2);
        var log = new RecordingLog();
        int calls = 0;
        IProcessorVector vector = new KernelProcessorVectors(control, new KernelProcessors(control), log).Allocate("x", _ => calls++, endsItself: false);
        vector.Dispose();
        vector.Dispose();
        Assert.Equal([vector.Vector], control.Closed);
        Assert.Equal(0, calls);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public void A_handler_that_throws_is_reported_and_the_other_processors_go_on()
    {
        var control = new FakeProcessorControl(2);
        var log = new RecordingLog();
        var calls = new BlockingCollection<int>();
        IProcessorVector vector = new KernelProcessorVectors(control, new KernelProcessors(control), log).Allocate(
            "vmbus",
            processor =>
            {
                if (processor == 0)
                    throw new InvalidOperationException("broken");
                calls.Add(processor);
            },
            endsItself: false);
        control.Raise(vector.Vector, 0);
        control.Raise(vector.Vector, 1);
        Assert.Equal(1, calls.Take());
        // Waits for both threads.
        vector.Dispose();
        Assert.Contains(
            log.Lines,
            line => line.Message.Contains("processor 0", StringComparison.Ordinal) && line.Message.Contains("broken", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_free_vector_the_refusal_names_who_asked()
    {
        var control = new FakeProcessorControl(1) { HasVectors = false };
        var vectors = new KernelProcessorVectors(control, new KernelProcessors(control), new RecordingLog());
        var refusal = Assert.Throws<InvalidOperationException>(() => vectors.Allocate("vmbus", _ => { }, endsItself: false));
        Assert.StartsWith("vmbus: ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x1008UL)]
    [InlineData(0x40_0000UL)]
    public void Only_a_page_of_memory_is_adopted(ulong address) =>
        Assert.Throws<ArgumentException>(() => new KernelSharedPages(0x40_0000).Adopt(new PhysicalAddress(address)));

    [Fact]
    public void An_adopted_page_is_not_freed()
    {
        using DmaBuffer page = new KernelSharedPages(0x40_0000).Adopt(new PhysicalAddress(0x3F_F000));
        Assert.Equal((0x3F_F000UL, 4096), (page.PhysicalAddress.Value, page.Length));
    }
}
