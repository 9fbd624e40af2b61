namespace GuestOS.Testing.Guests;

/// <summary>
/// Lets one in at a time, in the order in which they came. Each goes on on the thread of the one before it that leaves, never on the thread
/// pool: there <see cref="SemaphoreSlim"/> sends all who waited, and a task that several await all but one of them.
/// </summary>
internal sealed class Gate
{
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private bool _isTaken;

    /// <summary>Ends when it is the caller's turn.</summary>
    public Task EnterAsync()
    {
        if (!_isTaken)
        {
            _isTaken = true;
            return Task.CompletedTask;
        }

        var turn = new TaskCompletionSource();
        _waiting.Enqueue(turn);
        return turn.Task;
    }

    /// <summary>Lets the next one in, who runs inside of this call.</summary>
    public void Leave()
    {
        if (_waiting.TryDequeue(out var next))
            next.SetResult();
        else
            _isTaken = false;
    }
}
