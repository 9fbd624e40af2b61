using System.Buffers.Binary;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Tulip;
using GuestOS.Testing;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

/// <summary>The same models on the system's clock: timers, interrupts and programs run on many threads.</summary>
public sealed class ThreadTests
{
    private const int Senders = 6;
    private const int FramesEach = 1500;
    private const int Incoming = 6000;

    /// <summary>Frames that may be on their way to the program: fewer than the adapter has empty ones for.</summary>
    private const int Window = 100;
    private int _taken;

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task On_real_threads_and_a_real_clock_nothing_gets_lost_or_out_of_order(string inline)
    {
        var memory = new SimulatedMemory(new Random(1));
        using var model = new TulipModel(
            TimeProvider.System, memory, TulipMachine.Qemu() with { TransmitTime = TimeSpan.Zero, InterruptLatency = TimeSpan.Zero });
        var next = new int[Senders];
        var sent = 0;
        model.Transmitted = frame =>
        {
            var sender = frame[14];
            Assert.Equal(next[sender]++, BinaryPrimitives.ReadInt32LittleEndian(frame[15..]));
            Interlocked.Increment(ref sent);
        };
        var published = new PublishedDevices();
        var setup = new DriverSetup
        {
            Memory = memory, Clock = TimeProvider.System, Log = new ListLog(), Publications = published, Options = DriverSetup.Inline(("inline", inline)),
        };
        var instance = setup.Create(new TulipDriver(), model.Pci, model.Open, _ => model.Interrupt);
        Assert.Null(await instance.ProbeAsync(default));
        await instance.AttachAsync(default);
        await instance.StartAsync(default);
        var device = published.Adapters.Single();
        Assert.True((await device.SetFilterAsync(ReceiveFilter.Station)).IsSuccess);

        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(device, (byte)sender))).ToList();
        var receiver = Task.Run(() => ReceiveAsync(device));
        await Task.Run(() => Deliver(model, device.Address));
        await Task.WhenAll(senders);
        await receiver;
        Assert.True((await device.QuiesceAsync()).IsSuccess);
        Assert.Equal(Senders * FramesEach, sent);
        Assert.True((await device.ResumeAsync()).IsSuccess);
        await instance.DetachAsync(default);
        Assert.Empty(model.Violations);
        Assert.Empty(memory.Violations);
        Assert.Equal(0, memory.PageCount);
    }

    private static async Task SendAsync(INetworkDevice device, byte sender)
    {
        var batch = new Frame[7];
        for (var i = 0; i < FramesEach;)
        {
            var count = Math.Min(i % 3 == 0 ? batch.Length : 1, FramesEach - i);
            for (var place = 0; place < count; place++)
            {
                batch[place] = await device.RentAsync();
                batch[place].Length = 60 + (i % 1000);
                batch[place].Data.Fill(sender);
                BinaryPrimitives.WriteInt32LittleEndian(batch[place].Data[15..], i + place);
            }

            (count == 1 ? await device.SendAsync(batch[0]) : await device.SendAsync(batch.AsMemory(0, count))).ThrowIfFailed();
            i += count;
        }
    }

    private async Task ReceiveAsync(INetworkDevice device)
    {
        var batch = new Frame[32];
        for (var expected = 0; expected < Incoming;)
        {
            var count = await device.ReceiveAsync(batch);
            Assert.NotEqual(0, count);
            for (var i = 0; i < count; i++)
            {
                Assert.Equal(expected++, BinaryPrimitives.ReadInt32LittleEndian(batch[i].Data[14..]));
                batch[i].Release();
            }

            Volatile.Write(ref _taken, expected);
        }
    }

    private void Deliver(TulipModel model, MacAddress address)
    {
        var frame = new byte[800];
        address.Write(frame);
        var wait = new SpinWait();
        for (var i = 0; i < Incoming; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(14), i);

            // The cable holds a frame until the ring has room: what is missed is offered again.
            while (i - Volatile.Read(ref _taken) >= Window || !model.Deliver(frame))
                wait.SpinOnce();
        }
    }
}
