namespace GuestOS.Machine.Processors;

/// <summary>
/// Where work goes that must not run on the thread that found it: drivers' packet handlers and the continuations of their requests.
/// The kernel's thread pool; in tests a queue that a seed orders.
/// </summary>
public interface IExecutor
{
    /// <summary>Runs the item soon, on another thread or later on this one; never inside this call. Allocates nothing in the kernel.</summary>
    void Post(IThreadPoolWorkItem item);
}
