using GuestOS.Machine.Network;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using GuestOS.Testing.Guests;
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
        var meter = new MeteredPlatform();
        using var machine = new NetworkMachine(
            host: new VmBusHostOptions { StepsSingly = false }, platform: meter.Replace, options: ("copy", copy));
        machine.OtherWork = meter.Executor.TryRun;
        machine.Connect();
        Assert.Empty(machine.Failures);
        machine.Provider.Records = false;
        machine.Echoes = true;
        var adapter = machine.Adapter;
        var content = Frames.Random(machine.Random, 1400, adapter.Address);
        var batch = new Frame[64];
        var (frames, calls) = (0, meter.Calls);
        var (sending, handling, taking) = (0L, 0L, 0L);
        Rounds(50);
        Assert.True(Allocations.LeastOf(() => Rounds(200)) == 0, $"sending {sending}, handling {handling}, taking {taking} bytes");
        Assert.True(meter.Calls - calls <= 2 * frames);
        Assert.Equal(frames, adapter.Statistics.ReceivedFrames);
        machine.Settle();
        Assert.Equal(frames, adapter.Statistics.SentFrames);
        machine.AssertClean();

        long Rounds(int count)
        {
            sending = handling = taking = 0;
            for (var round = 0; round < count; round++)
            {
                var before = meter.Allocated;
                for (var i = 0; i < 8; i++)
                {
                    adapter.TryRent(out var frame);
                    frame!.Length = content.Length;
                    content.CopyTo(frame.Data);
                    frames++;
                    var sent = adapter.SendAsync(frame);
                    if (!sent.IsCompletedSuccessfully || !sent.Result.IsSuccess)
                        throw new InvalidOperationException("A frame had to wait.");
                }

                sending += meter.Allocated - before;
                for (var received = 0; received < 8;)
                {
                    machine.Clock.Advance(TimeSpan.FromMicroseconds(10));
                    before = meter.Allocated;
                    while (meter.Executor.TryRun())
                    {
                    }

                    handling += meter.Allocated - before;
                    before = meter.Allocated;
                    while (adapter.HasReceived)
                    {
                        var taken = adapter.ReceiveAsync(batch).Result;
                        received += taken;
                        for (var i = 0; i < taken; i++)
                            batch[i].Release();
                    }

                    taking += meter.Allocated - before;
                }
            }

            return sending + handling + taking;
        }
    }
}
