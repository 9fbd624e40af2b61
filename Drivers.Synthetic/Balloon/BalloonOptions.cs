using GuestOS.Drivers.Synthetic.Balloon.Protocol;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>Options of the kernel's command line, <c>balloon.NAME=value</c>.</summary>
internal sealed record BalloonOptions
{
    /// <summary><c>version</c>: the version that is asked for first; older ones follow.</summary>
    public BalloonVersion HighestVersion { get; init; } = BalloonVersion.V2_0;

    /// <summary><c>inline</c>: work goes on on the thread that brings an event, for tests.</summary>
    public bool ContinueInline { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">A value is none.</exception>
    public static BalloonOptions Parse(IReadOnlyDictionary<string, string> options)
    {
        var result = new BalloonOptions { ContinueInline = options.ContainsKey("inline") };
        if (!options.TryGetValue("version", out var version))
            return result;
        foreach (var known in BalloonVersion.All)
        {
            if (known.ToString() == version)
                return result with { HighestVersion = known };
        }

        throw new ArgumentException($"Option balloon.version: '{version}' is none of {string.Join(", ", BalloonVersion.All)}.");
    }
}
