namespace GuestOS.Machine.Drivers;

/// <summary>Something on a bus that a driver can be bound to.</summary>
public abstract class BusDevice
{
    /// <summary>The bus: "pci", "vmbus", ...</summary>
    public abstract string Bus { get; }

    /// <summary>Where on the bus, in the bus's own notation, for example "00:01.1".</summary>
    public abstract string Location { get; }

    /// <summary>What it is, for people: ids and class.</summary>
    public abstract string Description { get; }

    /// <summary>Identity by which drivers match, in the bus's own notation: "8086:7010", or the class id of a VMBus device.</summary>
    public abstract string Id { get; }

    /// <summary>Class in the bus's own notation; null when it has none, or none that is known.</summary>
    public abstract string? Class { get; }
}
