namespace GuestOS.Kernel.ClosureCheck;

/// <summary>One reference from a method or piece of data.</summary>
/// <param name="At">Position in the referring item.</param>
/// <param name="Item">What it refers to, when the object defines it.</param>
/// <param name="Name">Name of what it refers to.</param>
internal sealed record Reference(ulong At, SymbolMap.Item? Item, string Name);
