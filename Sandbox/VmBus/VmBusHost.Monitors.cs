using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Sandbox.VmBus;

/// <content>Monitored channels: the guest sets a bit, and the host looks at it as often as the offer's latency says.</content>
public sealed partial class VmBusHost
{
    private readonly Dictionary<HostChannel, ITimer> _monitors = [];

    /// <summary>Signals that were found in the monitor page.</summary>
    public long MonitoredSignals { get; private set; }

    private void StartMonitor(HostChannel channel)
    {
        if (_connection?.Monitors is not { } page || !channel.MonitorId.IsValid)
            return;
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(word, LatencyOf(channel.Offer));
        page.Write(MonitorPage.Latencies + (channel.MonitorId.Value * 2), word[..2]);
        BinaryPrimitives.WriteUInt64LittleEndian(word, channel.Connection.Value);
        page.Write(MonitorPage.Parameters + (channel.MonitorId.Value * 8), word);
        var period = TimeSpan.FromTicks(LatencyOf(channel.Offer));
        _monitors.Add(channel, Transport.Clock.CreateTimer(_ => Post(() => Poll(channel)), null, period, period));
    }

    private void StopMonitor(HostChannel channel)
    {
        if (_monitors.Remove(channel, out var timer))
            timer.Dispose();
    }

    private void StopMonitors()
    {
        foreach (var timer in _monitors.Values)
            timer.Dispose();
        _monitors.Clear();
    }

    private void Poll(HostChannel channel)
    {
        if (_connection is not { } connection || !_monitors.ContainsKey(channel) || !connection.TakeMonitorBit(channel.MonitorId))
            return;
        connection.TakeInterruptBit(channel.RelId.Value);
        MonitoredSignals++;
        Signalled(channel);
    }
}
