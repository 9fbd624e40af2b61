namespace GuestOS.Kernel.Handoff;

/// <summary>
/// Counts what is on its way through a device, and holds the rest back while the device is exchanged for another one. Entering and
/// leaving are one interlocked operation each. One owner at a time holds, drains and opens it; everybody may enter and leave.
/// </summary>
internal sealed class RequestGate
{
    /// <summary>The sign of the state says that the gate is held; the other bits count who is inside.</summary>
    private const long Held = long.MinValue;

    private long _state;
    private TaskCompletionSource? _drained;

    /// <summary>How many are inside.</summary>
    public long Inside => Interlocked.Read(ref _state) & ~Held;

    /// <summary>Enters, unless the gate is held. Whoever is inside leaves once.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _state) > 0)
            return true;
        Leave();
        return false;
    }

    /// <summary>Enters though the gate is held: for its owner, who lets those in that waited.</summary>
    public void EnterHeld() => Interlocked.Increment(ref _state);

    /// <summary>Leaves.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _state) == Held)
            Volatile.Read(ref _drained)?.TrySetResult();
    }

    /// <summary>Nobody enters any more. Returns how many are inside.</summary>
    public long Hold() => Interlocked.Or(ref _state, Held) & ~Held;

    /// <summary>Ends when nobody is inside of the held gate; goes on in the thread of whoever leaves last.</summary>
    public Task DrainAsync()
    {
        var drained = new TaskCompletionSource();
        Volatile.Write(ref _drained, drained);

        // Whoever leaves last sees the source, or this sees that nobody is left.
        Interlocked.MemoryBarrier();
        if (Inside == 0)
            drained.TrySetResult();
        return drained.Task;
    }

    /// <summary>Everybody may enter again.</summary>
    public void Open() => Interlocked.And(ref _state, ~Held);
}
