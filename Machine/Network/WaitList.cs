namespace GuestOS.Machine.Network;

/// <summary>
/// Those who wait for one thing that a device is about to do. Each has a task of its own: of several that await one task all but one go on
/// on the thread pool, even where they shall go on in the thread that ends the wait.
/// Not thread-safe: waits are added, and the list replaced, under its owner's lock; it is ended outside.
/// </summary>
/// <typeparam name="T">What they get.</typeparam>
public sealed class WaitList<T>
{
    private readonly List<TaskCompletionSource<T>> _waits = [];
    private readonly TaskCreationOptions _options;

    /// <param name="continueInline">Code that waits goes on in the thread that ends the wait.</param>
    public WaitList(bool continueInline) =>
        _options = continueInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;

    /// <summary>One more waits.</summary>
    public Task<T> Add()
    {
        var wait = new TaskCompletionSource<T>(_options);
        _waits.Add(wait);
        return wait.Task;
    }

    /// <summary>Nobody waits any more. Not under a lock: those who waited may go on here.</summary>
    public void End(T result)
    {
        foreach (var wait in _waits)
            wait.TrySetResult(result);
    }
}
