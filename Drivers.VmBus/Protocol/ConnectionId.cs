using System.Globalization;

namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>A port connection for posted messages or signalled events; bits 31:24 are zero.</summary>
/// <param name="Value">The id.</param>
public readonly record struct ConnectionId(uint Value)
{
    /// <summary>Channel messages below VMBus 5.0.</summary>
    public static ConnectionId Message => new(1);

    /// <summary>Events of hosts whose offers name no connection (0.13).</summary>
    public static ConnectionId Event => new(2);

    /// <summary>INITIATE_CONTACT from VMBus 5.0 on.</summary>
    public static ConnectionId Contact => new(4);

    /// <summary>True when the top 8 bits are zero.</summary>
    public bool IsValid => Value >> 24 == 0;

    /// <inheritdoc/>
    public override string ToString() => "0x" + Value.ToString("x", CultureInfo.InvariantCulture);
}
