namespace GuestOS.Machine.Memory;

/// <summary>Where the machine's memory is at one moment, in pages of 4096 bytes.</summary>
public readonly record struct DynamicMemoryFigures
{
    /// <summary>Usable memory: what the machine started with and what was added, whoever has it now.</summary>
    public ulong Total { get; init; }

    /// <summary>Free here and now.</summary>
    public ulong Free { get; init; }

    /// <summary>Taken out of use for the host.</summary>
    public ulong Taken { get; init; }

    /// <summary>Of the total: what was added since the start.</summary>
    public ulong Added { get; init; }

    /// <summary>
    /// In use or promised. Unlike the part that is in use, it counts what programs have allocated and not touched yet, so it and
    /// <see cref="Free"/> may be more than the total together.
    /// </summary>
    public ulong Committed { get; init; }
}
