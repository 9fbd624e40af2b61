namespace GuestOS.Kernel.Core;

/// <summary>Linux PROT_* values.</summary>
internal static class Protection
{
    public const uint None = 0;
    public const uint Read = 1;
    public const uint Write = 2;
    public const uint Execute = 4;
}

/// <summary>One contiguous anonymous mapping with one protection; a record until its pages are touched.</summary>
internal struct Mapping
{
    public ulong Start;
    public ulong End;
    public uint Protection;

    /// <summary>1: the main thread's stack.</summary>
    public uint IsStack;
}
