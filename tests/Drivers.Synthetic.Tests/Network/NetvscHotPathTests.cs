using GuestOS.Machine.Network;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>What a frame costs the guest: memory, and hypercalls.</summary>
public sealed class NetvscHotPathTests
{
    [Theory]
    [InlineData("65536")]
    [InlineData("0")]
    public void Frames_allocate_nothing_in_either_direction(string copy)
    {
        var executor = new QueueExecutor();
        MeteredHypercall meter = null!;
        using var machine = new NetworkMachine(
            host: new VmBusHostOptions { StepsSingly = false },
            platform: real =>
            {
                meter = new MeteredHypercall(real.Hypercall);
                return With(real, executor, meter);
            },
            options: ("copy", copy));
        machine.OtherWork = executor.TryRun;
        machine.Connect();
        Assert.Empty(machine.Failures);
        machine.Provider.Records = false;
        machine.Echoes = true;
        var adapter = machine.Adapter;
        var content = Frames.Random(machine.Random, 1400, adapter.Address);
        var batch = new Frame[64];
        Rounds(50);
        var (allocated, calls) = Rounds(200);
        Assert.Equal((0L, 0L, 0L), allocated);
        Assert.True(calls <= 2 * 200 * 8);
        Assert.Equal(250 * 8, adapter.Statistics.ReceivedFrames);
        machine.Settle();
        Assert.Equal(250 * 8, adapter.Statistics.SentFrames);
        machine.AssertClean();

        ((long Sending, long Handling, long Taking) Allocated, long Calls) Rounds(int count)
        {
            (long Sending, long Handling, long Taking) allocated = default;
            var callsBefore = meter.Calls;
            for (var round = 0; round < count; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread() - meter.AllocatedInside;
                for (var i = 0; i < 8; i++)
                {
                    adapter.TryRent(out var frame);
                    frame!.Length = content.Length;
                    content.CopyTo(frame.Data);
                    var sent = adapter.SendAsync(frame);
                    if (!sent.IsCompletedSuccessfully || !sent.Result.IsSuccess)
                        throw new InvalidOperationException("A frame had to wait.");
                }

                allocated.Sending += GC.GetAllocatedBytesForCurrentThread() - meter.AllocatedInside - before;
                for (var received = 0; received < 8;)
                {
                    machine.Clock.Advance(TimeSpan.FromMicroseconds(10));
                    before = GC.GetAllocatedBytesForCurrentThread() - meter.AllocatedInside;
                    while (executor.TryRun())
                    {
                    }

                    allocated.Handling += GC.GetAllocatedBytesForCurrentThread() - meter.AllocatedInside - before;
                    before = GC.GetAllocatedBytesForCurrentThread() - meter.AllocatedInside;
                    while (adapter.HasReceived)
                    {
                        var taken = adapter.ReceiveAsync(batch).Result;
                        received += taken;
                        for (var i = 0; i < taken; i++)
                            batch[i].Release();
                    }

                    allocated.Taking += GC.GetAllocatedBytesForCurrentThread() - meter.AllocatedInside - before;
                }
            }

            return (allocated, meter.Calls - callsBefore);
        }
    }

    private static ProcessorPlatform With(ProcessorPlatform real, IExecutor executor, IHypercall hypercall) => new()
    {
        CpuId = real.CpuId,
        Msr = real.Msr,
        Hypercall = hypercall,
        Tsc = real.Tsc,
        Processors = real.Processors,
        Vectors = real.Vectors,
        Executor = executor,
        SharedPages = real.SharedPages,
        Dma = real.Dma,
        Clock = real.Clock,
        Log = real.Log,
    };
}
