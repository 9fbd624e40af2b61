namespace GuestOS.Sandbox.Network;

/// <summary>The hash that spreads received frames (NDIS, "RSS hashing functions").</summary>
internal static class Toeplitz
{
    /// <summary>The hash over addresses, and TCP ports when there are any; null for other frames.</summary>
    public static uint? Hash(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> key)
    {
        if (!FrameOffloads.TryFind(frame, out var ip, out var transport, out var protocol))
            return null;
        Span<byte> input = stackalloc byte[36];
        var addresses = frame[ip] >> 4 == 4 ? frame.Slice(ip + 12, 8) : frame.Slice(ip + 8, 32);
        addresses.CopyTo(input);
        var length = addresses.Length;
        if (protocol == 6 && transport + 4 <= frame.Length)
        {
            frame.Slice(transport, 4).CopyTo(input[length..]);
            length += 4;
        }

        var hash = 0u;
        var window = Wire.Net32(key, 0);
        for (var i = 0; i < length * 8; i++)
        {
            if ((input[i / 8] & (0x80 >> (i % 8))) != 0)
                hash ^= window;
            var next = i + 32;
            window = (window << 1) | (uint)((key[next / 8] >> (7 - (next % 8))) & 1);
        }

        return hash;
    }
}
