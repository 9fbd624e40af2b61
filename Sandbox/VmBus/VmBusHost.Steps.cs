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
}
