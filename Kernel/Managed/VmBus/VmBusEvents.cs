using System.Globalization;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Kernel.Events;
using GuestOS.Machine;

namespace GuestOS.Kernel.VmBus;

/// <summary>Writes the <c>vmbus</c> event and its log line.</summary>
internal sealed class VmBusEvents
{
    private readonly IEventLog _events;
    private readonly ILog _log;

    public VmBusEvents(IEventLog events, ILog log)
    {
        _events = events;
        _log = log;
    }

    /// <summary>There is a connection, and the host's first offers have come.</summary>
    public void Connected(VmBusConnection connection, IReadOnlyList<Guid> classes)
    {
        IReadOnlyList<VmBusDevice> devices = connection.Devices;
        string waiting = Waiting(devices, classes);
        string? error = connection.AllOffersDelivered ? null : "the host did not say that its offers are complete";
        _events.Write(
            "vmbus",
            new("state", "connected"),
            new("version", connection.Version.ToString()),
            new("features", connection.Version < VmBusVersion.V6_0 ? null : ((uint)connection.Features).ToString("x8", CultureInfo.InvariantCulture)),
            new("devices", devices.Count),
            new("waiting", waiting.Length == 0 ? null : waiting),
            new("error", error));
        _log.Info(string.Create(
            CultureInfo.InvariantCulture,
            $"VMBus {connection.Version}: {devices.Count} device{(devices.Count == 1 ? "" : "s")} offered.{(waiting.Length == 0 ? "" : $" Drivers wait for: {waiting}.")}"));
        if (error is not null)
            _log.Warning($"VMBus: {error}.");
    }

    /// <summary>There will be no connection.</summary>
    public void Absent(string reason)
    {
        _events.Write("vmbus", new("state", "absent"), new("error", reason));
        _log.Info($"VMBus: none: {reason}.");
    }

    /// <summary>The connection has ended.</summary>
    public void Disconnected(string? error)
    {
        _events.Write("vmbus", new("state", "disconnected"), new("error", error));
        if (error is null)
            _log.Info("VMBus: disconnected.");
        else
            _log.Warning($"VMBus: disconnected, but {error}.");
    }

    /// <summary>Classes that the image has drivers for and the host does not offer, separated by commas.</summary>
    public static string Waiting(IReadOnlyList<VmBusDevice> devices, IReadOnlyList<Guid> classes)
    {
        var names = new List<string>();
        foreach (Guid id in classes)
        {
            bool isOffered = false;
            foreach (VmBusDevice device in devices)
                isOffered |= device.ClassId == id;
            if (!isOffered)
                names.Add(ClassIds.NameOf(id) ?? id.ToString());
        }

        return string.Join(", ", names);
    }
}
