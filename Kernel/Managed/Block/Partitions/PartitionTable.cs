namespace GuestOS.Kernel.Block.Partitions;

/// <summary>What was found where partition tables are.</summary>
/// <param name="Kind">gpt, mbr, none or broken: the <c>table</c> member of the <c>disk</c> event.</param>
/// <param name="Partitions">The partitions that can be used.</param>
/// <param name="Error">Why the table is broken.</param>
/// <param name="Warnings">What is wrong with it but did not prevent its use.</param>
internal sealed record PartitionTable(string Kind, IReadOnlyList<Partition> Partitions, string? Error, IReadOnlyList<string> Warnings)
{
    public const string Gpt = "gpt";
    public const string Mbr = "mbr";
    public const string Absent = "none";
    public const string Broken = "broken";

    /// <summary>No table.</summary>
    public static PartitionTable None { get; } = new(Absent, [], null, []);

    /// <summary>A table that cannot be used.</summary>
    public static PartitionTable Unusable(string error, IReadOnlyList<string>? warnings = null) => new(Broken, [], error, warnings ?? []);
}
