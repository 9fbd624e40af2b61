namespace GuestOS.Sandbox.VmBus;

/// <content>Steps: each message handled or sent and each packet read or written is one, so that a test can interrupt at every single one.</content>
public sealed partial class VmBusHost
{
    private int _steps;

    /// <summary>Steps so far.</summary>
    public int Steps => Volatile.Read(ref _steps);

    internal void CountStep(HostChannel? channel, bool isOnWorker)
    {
        var step = Interlocked.Increment(ref _steps);
        if (step != Faults.RescindAtStep)
            return;
        var victims = Channels.Where(other => other.Primary is null && (Faults.RescindClass is null || other.Offer.ClassId == Faults.RescindClass)).ToList();
        Trace.Add(TraceKind.Fault, channel?.RelId.Value ?? 0, $"rescind of {victims.Count} channel(s) at step {step}");
        foreach (var victim in victims)
        {
            // A channel's worker must not close itself while its provider runs.
            if (isOnWorker)
                Rescind(victim);
            else
                RescindNow(victim);
        }
    }

    /// <summary>
    /// Does one thing that the host has to do, of the worker that <paramref name="choice"/> names, inside of this call. False when that one
    /// has nothing to do. With it a test lets the host act between any two steps of the guest: see <see cref="Interleaver"/>.
    /// </summary>
    public bool TryStep(int choice)
    {
        var sessions = Channels.Select(static channel => channel.Session).OfType<ChannelSession>().ToList();
        var index = choice % (sessions.Count + 1);
        return (index == 0 ? _worker : sessions[index - 1].Worker).TryRunNow();
    }
}
