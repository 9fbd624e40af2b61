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
}
