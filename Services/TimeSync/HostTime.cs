using System.Runtime.InteropServices;
using GuestOS.Machine.Time;
using GuestOS.Services.Protocol;

namespace GuestOS.Services.TimeSync;

/// <summary>Reads time messages: what the host's clock says now.</summary>
internal static class HostTime
{
    /// <summary>100 ns from 1601-01-01 to 0001-01-01, the first day of <see cref="DateTimeOffset"/>, backwards.</summary>
    private const long FirstDay = 504_911_232_000_000_000;

    /// <summary>Nothing earlier is believed: this source is younger than that.</summary>
    private static readonly DateTimeOffset s_earliest = new(2023, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Nothing later is believed.</summary>
    private static readonly DateTimeOffset s_latest = new(2500, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A round trip above is not believed.</summary>
    private static readonly TimeSpan s_longestRoundTrip = TimeSpan.FromSeconds(2);

    /// <summary>What a message says.</summary>
    /// <param name="version">The service's version.</param>
    /// <param name="body">Its body.</param>
    /// <param name="clock">Gives the reference time of now.</param>
    /// <param name="now">The host's time now, as well as it can be known.</param>
    /// <param name="age">How long ago the host read its clock; zero where that is not known.</param>
    /// <param name="flags">What it is for.</param>
    /// <returns>False when the message is too short, or its time is impossible.</returns>
    public static bool TryRead(
        IcVersion version, ReadOnlySpan<byte> body, IWallClock clock, out DateTimeOffset now, out TimeSpan age, out TimeSyncFlags flags)
    {
        now = default;
        age = default;
        flags = default;
        ulong parent;
        if (version.Major >= 4)
        {
            if (body.Length < TimeSyncBody4.Size)
                return false;
            var message = MemoryMarshal.Read<TimeSyncBody4>(body);
            parent = message.ParentTime;
            flags = message.Flags;
            if (clock.TryReadReferenceTime(out var reference))
            {
                if (message.ReferenceTime > reference || reference - message.ReferenceTime > (ulong)TimeSpan.MaxValue.Ticks)
                    return false;
                age = TimeSpan.FromTicks((long)(reference - message.ReferenceTime));
            }
        }
        else
        {
            if (body.Length < TimeSyncBody.Size)
                return false;
            var message = MemoryMarshal.Read<TimeSyncBody>(body);
            parent = message.ParentTime;
            flags = message.Flags;
            if (message.RoundTrip <= (ulong)s_longestRoundTrip.Ticks)
                age = TimeSpan.FromTicks((long)message.RoundTrip / 2);
        }

        if (parent > (ulong)(s_latest.Ticks - FirstDay) || age > s_latest - s_earliest)
            return false;
        now = new DateTimeOffset(FirstDay + (long)parent, TimeSpan.Zero) + age;
        return now >= s_earliest && now <= s_latest;
    }
}
