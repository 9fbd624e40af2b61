namespace GuestOS.Services.KeyValue;

/// <summary>What a guest says of itself: the automatic pool, as hosts show it (Linux tools/hv/hv_kvp_daemon.c has the same keys).</summary>
public sealed record GuestFacts
{
    /// <summary>FullyQualifiedDomainName.</summary>
    public string HostName { get; init; } = "guestos";

    /// <summary>IntegrationServicesVersion.</summary>
    public required string ServicesVersion { get; init; }

    /// <summary>OSName.</summary>
    public required string OsName { get; init; }

    /// <summary>OSVersion: of the kernel.</summary>
    public required string KernelVersion { get; init; }

    /// <summary>OSBuildNumber.</summary>
    public required string BuildNumber { get; init; }

    /// <summary>OSMajorVersion.</summary>
    public required string MajorVersion { get; init; }

    /// <summary>OSMinorVersion.</summary>
    public required string MinorVersion { get; init; }

    /// <summary>ProcessorArchitecture.</summary>
    public string Architecture { get; init; } = "x86_64";
}
