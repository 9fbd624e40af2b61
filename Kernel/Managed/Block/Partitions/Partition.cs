namespace GuestOS.Kernel.Block.Partitions;

/// <summary>One partition; it lies on its disk.</summary>
/// <param name="Number">From 1; logical partitions from 5.</param>
/// <param name="FirstBlock">First block on the disk.</param>
/// <param name="BlockCount">Length in blocks, at least 1.</param>
/// <param name="Description">Type and name, for people.</param>
internal sealed record Partition(int Number, ulong FirstBlock, ulong BlockCount, string Description);
