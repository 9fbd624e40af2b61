using System.Net;

namespace GuestOS.Services.KeyValue;

/// <summary>Addresses of one network adapter.</summary>
public sealed record AdapterSettings
{
    /// <summary>Its hardware address or instance id, as host and guest name it; letters in either case, separators do not matter.</summary>
    public required string Id { get; init; }

    /// <summary>Addresses come by DHCP.</summary>
    public bool IsDhcp { get; init; }

    /// <summary>Addresses.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Length in bits of the network part of each address, in their order.</summary>
    public IReadOnlyList<int> PrefixLengths { get; init; } = [];

    /// <summary>Gateways.</summary>
    public IReadOnlyList<IPAddress> Gateways { get; init; } = [];

    /// <summary>Name servers.</summary>
    public IReadOnlyList<IPAddress> NameServers { get; init; } = [];
}
