namespace GuestOS.Sandbox.VmBus;

/// <summary>Whether somebody works off a ring, and whether more came meanwhile. A request is never lost: it starts the work or repeats it.</summary>
internal struct PumpState
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Again = 2;
    private int _value;

    /// <summary>True when the caller has to start the work.</summary>
    public bool Request()
    {
        while (true)
        {
            var value = Volatile.Read(ref _value);
            if (Interlocked.CompareExchange(ref _value, value == Idle ? Running : Again, value) == value)
                return value == Idle;
        }
    }

    /// <summary>Ends the work. False when it was requested again meanwhile: start over.</summary>
    public bool TryFinish()
    {
        if (Interlocked.CompareExchange(ref _value, Idle, Running) == Running)
            return true;
        Volatile.Write(ref _value, Running);
        return false;
    }
}
