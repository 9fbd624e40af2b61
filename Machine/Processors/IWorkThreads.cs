namespace GuestOS.Machine.Processors;

/// <summary>
/// Threads of a driver's own, for work that comes again and again as long as the device is there. A timer would take it to the thread pool,
/// and a pool that gets work every second never comes to rest: it wakes more threads and keeps a clock of its own. On a thread of its own
/// such work costs an idle machine one timer interrupt each time.
/// </summary>
public interface IWorkThreads
{
    /// <summary>Starts a thread, which runs the work at once.</summary>
    /// <param name="name">What it is for; the device's name comes before it.</param>
    /// <param name="work">
    /// One run. It may block. It says after how long it must run again at the latest: <see cref="TimeSpan.Zero"/> for at once,
    /// <see cref="Timeout.InfiniteTimeSpan"/> for only when woken, null for never: the thread ends. What it throws ends the thread as well, and is logged.
    /// </param>
    IWorkThread Start(string name, Func<TimeSpan?> work);
}
