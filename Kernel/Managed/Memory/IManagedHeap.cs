namespace GuestOS.Kernel.Memory;

/// <summary>The garbage collector's heap, as far as its size is steered from outside.</summary>
internal interface IManagedHeap
{
    /// <summary>The hard limit in force, in bytes.</summary>
    ulong Limit { get; }

    /// <summary>Bytes that the collector has committed. Makes it collect its youngest objects: only then does it tell.</summary>
    ulong MeasureCommitted();

    /// <summary>Changes the limit; false, and nothing has changed, when the collector has committed more than that.</summary>
    bool TrySetLimit(ulong bytes);

    /// <summary>Collects everything, moves what is left together, and gives back all memory that is not needed.</summary>
    void Compact();
}
