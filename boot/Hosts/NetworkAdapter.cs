namespace GuestOS.Boot.Hosts;

/// <summary>A network adapter whose cable ends in this program.</summary>
/// <param name="SocketPath">
/// Unix socket that listens already. Frames go through it in both directions, each after its length (four bytes, big-endian): nothing is lost on
/// the way.
/// </param>
internal sealed record NetworkAdapter(string SocketPath)
{
    /// <summary>Kind of adapter, as the emulator names it.</summary>
    public string Model { get; init; } = "tulip";

    /// <summary>Its hardware address, six pairs of hexadecimal digits with colons.</summary>
    public string Address { get; init; } = "52:54:00:12:34:56";

    /// <summary>Where everything on the cable is written to (pcap); null for nowhere.</summary>
    public string? CapturePath { get; init; }
}
