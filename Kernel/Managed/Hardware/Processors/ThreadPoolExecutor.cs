using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Hardware;

/// <summary>The runtime's thread pool.</summary>
internal sealed class ThreadPoolExecutor : IExecutor
{
    public void Post(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
}
