namespace GuestOS.Machine.Processors;

/// <summary>The running processors, numbered by the kernel from 0. The numbers are neither APIC ids nor the hypervisor's VP indices.</summary>
public interface IProcessors
{
    /// <summary>How many run.</summary>
    int Count { get; }

    /// <summary>The one that the caller runs on; already old when it is read, unless the caller cannot move.</summary>
    int Current { get; }

    /// <summary>Runs <paramref name="action"/> on that processor, where it cannot be moved away, and returns when it has ended.</summary>
    /// <param name="processor">0 to <see cref="Count"/> - 1.</param>
    /// <param name="action">Short; does not block. What it throws is thrown here.</param>
    void Run(int processor, Action action);
}
