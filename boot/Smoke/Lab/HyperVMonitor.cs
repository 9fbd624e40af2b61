using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>What the host side of Hyper-V's devices can be asked and told in QEMU (QEMU docs/interop/qemu-qmp-ref, hw/hyperv).</summary>
internal static class HyperVMonitor
{
    /// <summary>QEMU reports that the size which the guest is left with has changed; rate-limited, with <c>actual</c> in bytes.</summary>
    public const string BalloonChanged = "BALLOON_CHANGE";

    /// <summary>A status report of the guest has come; rate-limited, with <c>committed</c> and <c>available</c> in bytes.</summary>
    public const string StatusReported = "HV_BALLOON_STATUS_REPORT";

    /// <summary>The guest has written the crash MSRs; the parameters are <c>info.arg1</c> to <c>info.arg5</c>.</summary>
    public const string GuestPanicked = "GUEST_PANICKED";

    /// <summary>QEMU's device asks nothing of a guest for 50 s after it has connected (hw/hyperv/hv-balloon.c, HV_BALLOON_POST_INIT_WAIT).</summary>
    public static TimeSpan SettlingTime => TimeSpan.FromSeconds(50);

    /// <summary>Asks the guest, through the dynamic memory device, to keep only so much memory, or offers it more; see <see cref="MemoryDevice"/>.</summary>
    /// <param name="monitor">The machine's monitor.</param>
    /// <param name="bytes">What the guest is to have: below the machine's memory balloons, above it adds memory.</param>
    /// <param name="cancellationToken">Ends the wait for the answer, not the request.</param>
    public static Task SetMemoryTargetAsync(this QmpClient monitor, long bytes, CancellationToken cancellationToken) =>
        monitor.ExecuteAsync("balloon", new JsonObject { ["value"] = bytes }, cancellationToken);

    /// <summary>Has QEMU write a trace event among its messages.</summary>
    /// <param name="monitor">The machine's monitor.</param>
    /// <param name="name">Name of the event (QEMU's <c>trace-events</c> files).</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    public static Task EnableTraceAsync(this QmpClient monitor, string name, CancellationToken cancellationToken) =>
        monitor.ExecuteAsync("trace-event-set-state", new JsonObject { ["name"] = name, ["enable"] = true }, cancellationToken);

    /// <summary>What the guest has left by QEMU's count, in bytes.</summary>
    public static async Task<long> QueryMemoryAsync(this QmpClient monitor, CancellationToken cancellationToken)
    {
        var answer = await monitor.ExecuteAsync("query-balloon", null, cancellationToken).ConfigureAwait(false);
        return answer.GetProperty("actual").GetInt64();
    }

    /// <summary>The guest's last status report; null when none has come yet.</summary>
    public static async Task<MemoryStatus?> TryQueryStatusAsync(this QmpClient monitor, CancellationToken cancellationToken)
    {
        try
        {
            return MemoryStatus.Of(await monitor.ExecuteAsync("query-hv-balloon-status-report", null, cancellationToken).ConfigureAwait(false));
        }
        catch (ToolException e) when (e.Message.Contains("no guest memory status report received yet", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Resets the machine as by its button.</summary>
    public static Task ResetAsync(this QmpClient monitor, CancellationToken cancellationToken) =>
        monitor.ExecuteAsync("system_reset", null, cancellationToken);

    /// <summary>Stops all processors; clocks go on.</summary>
    public static Task StopAsync(this QmpClient monitor, CancellationToken cancellationToken) => monitor.ExecuteAsync("stop", null, cancellationToken);

    /// <summary>Lets the processors go on.</summary>
    public static Task ContinueAsync(this QmpClient monitor, CancellationToken cancellationToken) => monitor.ExecuteAsync("cont", null, cancellationToken);

    /// <summary>
    /// The time of the machine that QEMU runs on, to the microsecond. Only QEMU's events carry it, so a job is started that has to fail and tells
    /// of its start; what is left of it stays until the machine ends.
    /// </summary>
    /// <param name="monitor">The machine's monitor.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<DateTimeOffset> ReadTimeAsync(this QmpClient monitor, CancellationToken cancellationToken)
    {
        var from = monitor.Events.Count;
        var id = string.Create(CultureInfo.InvariantCulture, $"time{from}");
        var file = new JsonObject { ["driver"] = "file", ["filename"] = "/nonexistent/file", ["size"] = 0 };
        await monitor.ExecuteAsync("blockdev-create", new JsonObject { ["job-id"] = id, ["options"] = file }, cancellationToken).ConfigureAwait(false);
        while (await monitor.WaitForEventAsync("JOB_STATUS_CHANGE", from, cancellationToken).ConfigureAwait(false) is { } change)
        {
            if (change.Data.GetProperty("id").GetString() == id)
                return change.Time;
            from++;
        }

        throw new ToolException("the machine has ended before its host's time was read");
    }

    /// <summary>The parameters of a crash.</summary>
    /// <param name="panicked">The event <see cref="GuestPanicked"/>.</param>
    public static IReadOnlyList<ulong> CrashParametersOf(QmpEvent panicked)
    {
        var info = panicked.Data.GetProperty("info");
        return Enumerable.Range(1, 5).Select(i => info.GetProperty($"arg{i}").GetUInt64()).ToList();
    }
}

/// <summary>A guest's status report.</summary>
/// <param name="Committed">Memory that is in use or promised, in bytes.</param>
/// <param name="Available">Memory that could be given away, in bytes.</param>
internal sealed record MemoryStatus(long Committed, long Available)
{
    /// <summary>The report in an answer or an event of QEMU's.</summary>
    public static MemoryStatus Of(JsonElement data) => new(data.GetProperty("committed").GetInt64(), data.GetProperty("available").GetInt64());
}
