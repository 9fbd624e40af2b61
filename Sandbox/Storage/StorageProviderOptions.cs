using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Sandbox.Storage;

/// <summary>What a storage host is like.</summary>
public sealed record StorageProviderOptions
{
    /// <summary>Versions that are accepted.</summary>
    public IReadOnlyList<StorageVersion> Versions { get; init; } = [.. StorageVersion.NewestFirst];

    /// <summary>Subchannels that the guest may ask for; 0 for a host without them.</summary>
    public ushort MaxSubchannels { get; init; }

    /// <summary>Longest transfer in bytes.</summary>
    public uint MaxTransferBytes { get; init; } = 0x4_0000;

    /// <summary>How long a command takes until it is executed, asked for each; null executes at once.</summary>
    public Func<TimeSpan>? Latency { get; init; }

    /// <summary>How long an executed command takes until it is answered, asked for each; null answers at once.</summary>
    public Func<TimeSpan>? AnswerLatency { get; init; }
}
