using System.Globalization;

namespace GuestOS.Testing;

/// <summary>Where a test with many seeded schedules begins: 1, or the number in the environment variable GUESTOS_SEED, to replay one or to try others.</summary>
public static class Seeds
{
    /// <summary>The first seed.</summary>
    public static int First { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("GUESTOS_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 1;
}
