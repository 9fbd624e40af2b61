using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>The host takes the adapter back at each of its steps.</summary>
public sealed class RescindTests
{
    [Fact]
    public void A_rescind_at_every_step_loses_no_memory_and_hangs_nobody() => AtEveryStep(static machine =>
    {
        machine.Connect();
        machine.Echoes = true;
        Send(machine);
        machine.Settle();
        if (machine.Adapters is not [var device, ..])
            return;
        machine.Run(device.QuiesceAsync());
        machine.Run(device.ResumeAsync());
    });

    /// <summary>Frames are on their way when the driver and the bus are suspended, wait meanwhile, and have all ended when it is over.</summary>
    [Fact]
    public void A_rescind_at_every_step_of_suspending_and_resuming_loses_no_memory_and_hangs_nobody() => AtEveryStep(static machine =>
    {
        machine.Connect();
        machine.Echoes = true;
        var before = Send(machine);
        machine.Run(machine.SuspendAsync());
        var meanwhile = Send(machine);
        machine.Run(machine.ResumeAsync());
        Send(machine);
        machine.Settle();
        machine.RunUntil(() => before.IsCompleted && meanwhile.IsCompleted);
    });

    private static void AtEveryStep(Action<NetworkMachine> day)
    {
        var steps = 0;
        using (var whole = new NetworkMachine(processors: 2))
        {
            Run(whole, day);
            Assert.Empty(whole.Failures);
            steps = whole.Host.Steps;
        }

        for (var step = 1; step <= steps; step++)
        {
            using var machine = new NetworkMachine(seed: Seeds.First + step, processors: 2);
            machine.Host.Faults.RescindAtStep = step;
            Run(machine, day);
            machine.AssertSound();
            machine.AssertNothingLeft();
        }
    }

    private static void Run(NetworkMachine machine, Action<NetworkMachine> day)
    {
        day(machine);
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        machine.DetachAll();
    }

    /// <summary>Some frames; ends when the adapter has taken or failed each.</summary>
    private static Task Send(NetworkMachine machine)
    {
        var sends = new List<Task>();
        if (machine.Adapters is not [var device, ..])
            return Task.CompletedTask;
        while (sends.Count < 6 && device.TryRent(out var frame))
            sends.Add(device.SendAsync(NetworkMachine.Fill(frame, Frames.Random(machine.Random, 900, device.Address))).AsTask());
        return Task.WhenAll(sends);
    }
}
