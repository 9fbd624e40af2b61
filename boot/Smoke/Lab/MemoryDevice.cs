using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>
/// QEMU's dynamic memory device (hw/hyperv/hv-balloon.c), as the one who runs the machine uses it.
/// <para>
/// Whenever the device acts, it also looks into the ring for packets of the guest, and QEMU (10.0) aborts when it finds one outside of the handler of
/// the channel's signal. It acts outside of it in two places: on a command of the monitor, and when the time has passed for which it asks nothing of a
/// new guest. A guest that answers before the device is done with its request is enough. So a target is set only when that time is over and the device
/// is idle, and while the processors are stopped.
/// </para>
/// </summary>
/// <param name="monitor">QEMU's monitor.</param>
/// <param name="messages">What QEMU has written, traces included.</param>
internal sealed class MemoryDevice(QmpClient monitor, Func<string> messages)
{
    /// <summary>The trace event of a change of the device's state (QEMU hw/hyperv/trace-events).</summary>
    public const string StateTrace = "hv_balloon_state_change";

    private const string Idle = "S_IDLE";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>The device waits for a target: it serves the guest, and has the guest's answer to all that it asked.</summary>
    public bool IsIdle
    {
        get
        {
            var text = messages().AsSpan();
            var last = text.LastIndexOf(StateTrace, StringComparison.Ordinal);
            if (last < 0)
                return false;
            var line = text[last..];
            var end = line.IndexOf('\n');
            return (end < 0 ? line : line[..end]).TrimEnd().EndsWith(Idle, StringComparison.Ordinal);
        }
    }

    /// <summary>Has QEMU tell of the device's state from now on. To be called once for a machine, before the device is idle for the first time.</summary>
    public Task FollowAsync(CancellationToken cancellationToken) => monitor.EnableTraceAsync(StateTrace, cancellationToken);

    /// <summary>Waits until the device is idle; it is not for <see cref="HyperVMonitor.SettlingTime"/> after the guest has agreed.</summary>
    public async Task WaitUntilIdleAsync(CancellationToken cancellationToken)
    {
        while (!IsIdle)
        {
            if (monitor.HasEnded)
                throw new ToolException("the machine has ended before its dynamic memory device was idle");
            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sets a target on an idle device.</summary>
    /// <param name="bytes">What the guest is to have.</param>
    /// <param name="onContinue">Called when the processors are about to go on, at which the guest's time begins.</param>
    /// <param name="cancellationToken">Ends the wait for the monitor, not the request.</param>
    public async Task SetTargetAsync(long bytes, Action? onContinue, CancellationToken cancellationToken)
    {
        await monitor.StopAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await monitor.SetMemoryTargetAsync(bytes, cancellationToken).ConfigureAwait(false);
            onContinue?.Invoke();
        }
        finally
        {
            await monitor.ContinueAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
