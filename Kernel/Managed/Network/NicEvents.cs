using System.Globalization;
using GuestOS.Kernel.Events;
using GuestOS.Machine;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Network;

/// <summary>Writes the <c>nic</c> event and its log line: for every interface that is published, and for every change of its link.</summary>
internal sealed class NicEvents
{
    private readonly IEventLog _events;
    private readonly ILog _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<INetworkDevice, Action<LinkStatus>> _watched = [];

    public NicEvents(NetworkRegistry registry, IEventLog events, ILog log)
    {
        _events = events;
        _log = log;
        registry.Added += Watch;
        registry.Removed += Forget;
    }

    private void Watch(NetworkEntry entry)
    {
        Action<LinkStatus> onChange = link => Report(entry.Device, link);
        lock (_lock)
            _watched.Add(entry.Device, onChange);
        entry.Device.LinkChanged += onChange;
        Report(entry.Device, entry.Device.Link);
    }

    private void Forget(NetworkEntry entry)
    {
        Action<LinkStatus>? onChange;
        lock (_lock)
            _watched.Remove(entry.Device, out onChange);
        entry.Device.LinkChanged -= onChange;
    }

    private void Report(INetworkDevice device, LinkStatus link)
    {
        _events.Write(
            "nic",
            new("name", device.Name),
            new("address", device.Address.ToString()),
            new("link", link.IsUp ? "up" : "down"),
            new("mtu", device.Mtu));
        _log.Info(string.Create(CultureInfo.InvariantCulture, $"{device.Name}: {device.Model}, {device.Address}, link {link}, MTU {device.Mtu}"));
    }
}
