namespace GuestOS.Kernel.Memory;

/// <summary>The heap of this very runtime.</summary>
internal sealed class RuntimeHeap : IManagedHeap
{
    /// <summary>Name of the runtime's setting, which <see cref="GC.RefreshMemoryLimit"/> reads again.</summary>
    private const string LimitSetting = "GCHeapHardLimit";

    /// <summary>TotalAvailableMemoryBytes is the limit, where there is one.</summary>
    public ulong Limit { get; private set; } = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public ulong MeasureCommitted()
    {
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        return (ulong)GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;
    }

    public bool TrySetLimit(ulong bytes)
    {
        AppContext.SetData(LimitSetting, bytes);
        try
        {
            GC.RefreshMemoryLimit();
            Limit = bytes;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public void Compact() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
