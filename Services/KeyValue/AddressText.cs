using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GuestOS.Services.KeyValue;

/// <summary>Lists of addresses and of subnets as hosts write them: separated by semicolons, IPv4 subnets as masks, IPv6 ones as lengths.</summary>
internal static class AddressText
{
    private const int MostEntries = 64;

    public static string Join(IReadOnlyList<IPAddress> addresses)
    {
        var text = new string[addresses.Count];
        for (var i = 0; i < text.Length; i++)
            text[i] = addresses[i].ToString();
        return string.Join(';', text);
    }

    public static string JoinSubnets(IReadOnlyList<IPAddress> addresses, IReadOnlyList<int> lengths)
    {
        var text = new string[lengths.Count];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = addresses[i].AddressFamily == AddressFamily.InterNetwork
                ? Mask(lengths[i]).ToString()
                : "/" + lengths[i].ToString(CultureInfo.InvariantCulture);
        }

        return string.Join(';', text);
    }

    /// <summary>False when an entry is no address.</summary>
    public static bool TrySplit(string text, out List<IPAddress> addresses)
    {
        addresses = [];
        foreach (var entry in Entries(text))
        {
            if (addresses.Count == MostEntries || !IPAddress.TryParse(entry, out var address))
                return false;
            addresses.Add(address);
        }

        return true;
    }

    /// <summary>False when there are not as many subnets as addresses, or one is impossible.</summary>
    public static bool TrySplitSubnets(string text, List<IPAddress> addresses, out List<int> lengths)
    {
        lengths = [];
        foreach (var entry in Entries(text))
        {
            if (lengths.Count == addresses.Count || !TryParseSubnet(entry, addresses[lengths.Count].AddressFamily, out var length))
                return false;
            lengths.Add(length);
        }

        return lengths.Count == addresses.Count;
    }

    private static string[] Entries(string text) =>
        text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool TryParseSubnet(string text, AddressFamily family, out int length)
    {
        var longest = family == AddressFamily.InterNetwork ? 32 : 128;
        if (int.TryParse(text.TrimStart('/'), NumberStyles.None, CultureInfo.InvariantCulture, out length))
            return length <= longest;
        if (family != AddressFamily.InterNetwork || !IPAddress.TryParse(text, out var mask) || mask.AddressFamily != family)
            return false;
        for (length = 0; length <= longest; length++)
            if (Mask(length).Equals(mask))
                return true;
        return false;
    }

    private static IPAddress Mask(int length)
    {
        var bits = length == 0 ? 0 : uint.MaxValue << (32 - length);
        return new IPAddress([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);
    }
}
