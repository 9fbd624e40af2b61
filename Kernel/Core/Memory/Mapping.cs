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

    /// <summary>What the mapping is for, see the constants.</summary>
    public uint Use;

    /// <summary>Memory of the runtime or of the C library.</summary>
    public const uint General = 0;

    /// <summary>The main thread's stack.</summary>
    public const uint MainStack = 1;

    /// <summary>Another thread's stack.</summary>
    public const uint ThreadStack = 2;

    /// <summary>
    /// Whether all its pages are promised: they may be touched at any time and must then be there. Stacks are large and hardly touched,
    /// so of these only what is there counts.
    /// </summary>
    public readonly bool IsPromised => Promises(Protection, Use);

    /// <summary>Whether a mapping of that protection and use is promised.</summary>
    public static bool Promises(uint protection, uint use) => (protection & Core.Protection.Write) != 0 && use == General;
}
