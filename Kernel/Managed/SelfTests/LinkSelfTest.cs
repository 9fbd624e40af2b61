using System.Globalization;
using GuestOS.Kernel.Network;
using GuestOS.Kernel.SelfTests.Link;
using GuestOS.Machine;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>link:NIC</c>: serves the other end of a network cable, which asks for echoes, filters and bursts of numbered frames.</summary>
internal sealed class LinkSelfTest : ISelfTest
{
    /// <summary>The other end has to say something at least so often.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    public string Name => "link";

    public async Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1)
            throw new SelfTestException("it takes the name of a network interface");
        if (!system.Networks.TryFind(arguments[0], out NetworkEntry? entry))
            throw new SelfTestException($"there is no network interface '{arguments[0]}'");

        var station = new LinkStation(entry.Device, system.Machine.Clock, system.Machine.Log);
        long start = system.Machine.Clock.GetTimestamp();
        string? error = await ServeAsync(system, station).ConfigureAwait(false);
        TimeSpan time = system.Machine.Clock.GetElapsedTime(start);
        LinkTotals totals = station.Totals;
        if (error is null && totals.Wrong + totals.Missing + totals.Doubled != 0)
            error = string.Create(CultureInfo.InvariantCulture, $"{entry.Name}: {totals.Wrong} frames were wrong, {totals.Missing} missing, {totals.Doubled} doubled.");
        NetworkStatistics statistics = entry.Device.Statistics;
        system.Machine.Events.Write(
            "link",
            new("nic", entry.Name),
            new("sent", totals.Sent),
            new("received", totals.Right),
            new("wrong", totals.Wrong),
            new("missing", totals.Missing),
            new("doubled", totals.Doubled),
            new("echoes", totals.Echoes),
            new("announcements", totals.Announcements),
            new("others", totals.Others),
            new("dropped", (ulong)statistics.ReceiveDropped),
            new("ns", time.Ticks * 100),
            new("result", error is null ? "ok" : "error"),
            new("error", error));
        foreach (NetworkCounter counter in entry.Device.Counters.Where(counter => counter.Value != 0))
            system.Machine.Log.Info(string.Create(CultureInfo.InvariantCulture, $"{entry.Name}: {counter.Name}: {counter.Value}"));
        return error is null;
    }

    private static async Task<string?> ServeAsync(KernelSystem system, LinkStation station)
    {
        TimeProvider clock = system.Machine.Clock;
        using var stop = new CancellationTokenSource();
        ITimer watch = clock.CreateTimer(
            _ =>
            {
                if (station.LastFrameAt != 0 && clock.GetElapsedTime(station.LastFrameAt) > Silence)
                    stop.Cancel();
            },
            null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        try
        {
            await station.RunAsync(stop.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the other end has said nothing for {Silence.TotalSeconds} s");
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
        finally
        {
            // Waits for a callback that is running: it must not find the source disposed of.
            await watch.DisposeAsync().ConfigureAwait(false);
        }
    }
}
