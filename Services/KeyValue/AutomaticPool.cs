using System.Net;
using System.Net.Sockets;

namespace GuestOS.Services.KeyValue;

/// <summary>The keys that a guest is expected to have, in the order in which hosts enumerate them.</summary>
internal sealed class AutomaticPool
{
    private static readonly string[] s_keys =
    [
        "FullyQualifiedDomainName", "IntegrationServicesVersion", "NetworkAddressIPv4", "NetworkAddressIPv6", "OSBuildNumber", "OSName",
        "OSMajorVersion", "OSMinorVersion", "OSVersion", "ProcessorArchitecture",
    ];

    private readonly GuestFacts _facts;
    private readonly AdapterRegistry _adapters;

    public AutomaticPool(GuestFacts facts, AdapterRegistry adapters)
    {
        _facts = facts;
        _adapters = adapters;
    }

    public string? Find(string key)
    {
        var index = Array.IndexOf(s_keys, key);
        return index < 0 ? null : Cut(ValueOf(index));
    }

    public bool TryGetAt(uint index, out KeyValuePair<string, string> entry)
    {
        var exists = index < (uint)s_keys.Length;
        entry = exists ? new(s_keys[index], Cut(ValueOf((int)index))) : default;
        return exists;
    }

    private static string Cut(string text) => text.Length <= KeyValuePool.LongestValue ? text : text[..KeyValuePool.LongestValue];

    private string ValueOf(int index) => index switch
    {
        0 => _facts.HostName,
        1 => _facts.ServicesVersion,
        2 => AddressesOf(AddressFamily.InterNetwork),
        3 => AddressesOf(AddressFamily.InterNetworkV6),
        4 => _facts.BuildNumber,
        5 => _facts.OsName,
        6 => _facts.MajorVersion,
        7 => _facts.MinorVersion,
        8 => _facts.KernelVersion,
        _ => _facts.Architecture,
    };

    private string AddressesOf(AddressFamily family)
    {
        var found = new List<IPAddress>();
        foreach (var adapter in _adapters.Adapters)
            foreach (var address in adapter.Addresses)
                if (address.AddressFamily == family)
                    found.Add(address);
        return AddressText.Join(found);
    }
}
