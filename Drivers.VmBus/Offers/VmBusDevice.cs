using System.Globalization;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.VmBus.Offers;

/// <summary>A device on VMBus: a primary channel and what its offer says.</summary>
public sealed class VmBusDevice : BusDevice
{
    private UserData _userDefined;

    internal VmBusDevice(in OfferChannel offer)
    {
        ClassId = offer.InterfaceType;
        InstanceId = offer.Instance;
        Update(offer);
    }

    /// <inheritdoc/>
    public override string Bus => "vmbus";

    /// <inheritdoc/>
    public override string Location => InstanceId.ToString("D", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string Description => $"{ClassName ?? "unknown"} {ClassId}";

    /// <inheritdoc/>
    public override string Id => ClassId.ToString("D", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string? Class => ClassName;

    /// <summary>Interface type: what it is.</summary>
    public Guid ClassId { get; }

    /// <summary>Which one of its class.</summary>
    public Guid InstanceId { get; }

    /// <summary>Name of the class for people; null when it is not known.</summary>
    public string? ClassName => IsTransportLayer ? "hv_sock" : ClassIds.NameOf(ClassId);

    /// <summary>Flags of the offer.</summary>
    public OfferFlags Flags { get; private set; }

    /// <summary>The offer is one end of an hv_sock connection; its class is a service.</summary>
    public bool IsTransportLayer => (Flags & OfferFlags.TransportLayer) != 0;

    /// <summary>MMIO space that the device wants, in MiB.</summary>
    public int MmioMegabytes { get; private set; }

    /// <summary>The offer's 120 bytes for the service, raw or in pipe form; whatever the host put there (rule V9).</summary>
    public ReadOnlySpan<byte> UserDefined => _userDefined;

    /// <summary>The primary channel.</summary>
    public VmBusChannel Channel { get; internal set; } = null!;

    /// <summary>The host has taken it back.</summary>
    public bool IsRescinded => Channel.Rescinded.IsCancellationRequested;

    /// <inheritdoc/>
    public override string ToString() => $"{Description} at {Location}";

    internal void Update(in OfferChannel offer)
    {
        Flags = offer.Flags;
        MmioMegabytes = offer.MmioMegabytes;
        _userDefined = offer.UserDefined;
    }
}
