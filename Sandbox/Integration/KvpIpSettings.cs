namespace GuestOS.Sandbox.Integration;

/// <summary>IP settings of an adapter; lists are separated by semicolons.</summary>
/// <param name="AdapterId">Hardware address or instance.</param>
/// <param name="Family">1 IPv4, 2 IPv6, 3 both.</param>
/// <param name="IsDhcp">Addresses come by DHCP.</param>
/// <param name="Addresses">Addresses.</param>
/// <param name="Subnets">Masks or prefix lengths.</param>
/// <param name="Gateways">Gateways.</param>
/// <param name="NameServers">Name servers.</param>
public sealed record KvpIpSettings(
    string AdapterId, byte Family = 0, bool IsDhcp = false, string Addresses = "", string Subnets = "", string Gateways = "", string NameServers = "");
