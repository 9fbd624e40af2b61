using System.Net;
using System.Net.Sockets;
using GuestOS.Services.Protocol;
using GuestOS.Services.Text;

namespace GuestOS.Services.KeyValue;

/// <summary>Reads and writes the addresses of an adapter in the form of <see cref="KvpIpInfo"/>.</summary>
internal static class IpInfoMessage
{
    /// <summary>The adapter that a message is about.</summary>
    public static string ReadAdapter(ReadOnlySpan<byte> info) => Utf16Field.Read(info.Slice(KvpIpInfo.AdapterId, KvpIpInfo.AdapterIdSize));

    /// <summary>What the host wants; null when an address or a subnet in it is none.</summary>
    public static AdapterSettings? Read(ReadOnlySpan<byte> info)
    {
        if (!AddressText.TrySplit(List(info, KvpIpInfo.Addresses, KvpIpInfo.ListSize), out var addresses)
            || !AddressText.TrySplitSubnets(List(info, KvpIpInfo.Subnets, KvpIpInfo.ListSize), addresses, out var lengths)
            || !AddressText.TrySplit(List(info, KvpIpInfo.Gateways, KvpIpInfo.GatewaysSize), out var gateways)
            || !AddressText.TrySplit(List(info, KvpIpInfo.NameServers, KvpIpInfo.ListSize), out var servers))
            return null;
        return new AdapterSettings
        {
            Id = ReadAdapter(info),
            IsDhcp = info[KvpIpInfo.IsDhcp] != 0,
            Addresses = addresses,
            PrefixLengths = lengths,
            Gateways = gateways,
            NameServers = servers,
        };
    }

    /// <summary>Writes what an adapter uses, of the families that the host asked for; none asked for means all.</summary>
    /// <returns>False when a list does not fit.</returns>
    public static bool TryWrite(Span<byte> info, AdapterSettings settings)
    {
        var wanted = (KvpAddressFamilies)info[KvpIpInfo.Family];
        if ((wanted & (KvpAddressFamilies.V4 | KvpAddressFamilies.V6)) == 0)
            wanted = KvpAddressFamilies.V4 | KvpAddressFamilies.V6;
        var addresses = new List<IPAddress>();
        var lengths = new List<int>();
        var present = KvpAddressFamilies.None;
        for (var i = 0; i < settings.Addresses.Count; i++)
        {
            var family = FamilyOf(settings.Addresses[i]);
            if ((family & wanted) == 0)
                continue;
            present |= family;
            addresses.Add(settings.Addresses[i]);
            lengths.Add(settings.PrefixLengths[i]);
        }

        if (Utf16Field.Write(info.Slice(KvpIpInfo.Addresses, KvpIpInfo.ListSize), AddressText.Join(addresses)) < 0
            || Utf16Field.Write(info.Slice(KvpIpInfo.Subnets, KvpIpInfo.ListSize), AddressText.JoinSubnets(addresses, lengths)) < 0
            || Utf16Field.Write(info.Slice(KvpIpInfo.Gateways, KvpIpInfo.GatewaysSize), AddressText.Join(Of(settings.Gateways, wanted))) < 0
            || Utf16Field.Write(info.Slice(KvpIpInfo.NameServers, KvpIpInfo.ListSize), AddressText.Join(Of(settings.NameServers, wanted))) < 0)
            return false;
        info[KvpIpInfo.Family] = (byte)present;
        info[KvpIpInfo.IsDhcp] = settings.IsDhcp ? (byte)1 : (byte)0;
        return true;
    }

    private static List<IPAddress> Of(IReadOnlyList<IPAddress> addresses, KvpAddressFamilies wanted)
    {
        var found = new List<IPAddress>();
        foreach (var address in addresses)
            if ((FamilyOf(address) & wanted) != 0)
                found.Add(address);
        return found;
    }

    private static KvpAddressFamilies FamilyOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? KvpAddressFamilies.V4 : KvpAddressFamilies.V6;

    private static string List(ReadOnlySpan<byte> info, int offset, int size) => Utf16Field.Read(info.Slice(offset, size));
}
