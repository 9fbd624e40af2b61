namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// Outstanding requests by transaction id. An id is a slot and the number of times that the slot was used, so that no id ever names two
/// requests; a slot whose request was given up stays taken until the completion comes (rules R8 and R9). Not thread-safe: its owner locks.
/// </summary>
internal sealed class RequestTable
{
    /// <summary>Most slots of a table.</summary>
    public const int Largest = 65536;

    private readonly ChannelRequest?[] _requests;
    private readonly bool[] _isAbandoned;
    private readonly uint[] _uses;
    private readonly int[] _free;
    private int _freeCount;

    public RequestTable(int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, Largest);
        _requests = new ChannelRequest?[slots];
        _isAbandoned = new bool[slots];
        _uses = new uint[slots];
        _free = new int[slots];
        for (var i = 0; i < slots; i++)
            _free[i] = slots - 1 - i;
        _freeCount = slots;
    }

    public bool HasFree => _freeCount > 0;

    public int Outstanding => _requests.Length - _freeCount;

    /// <summary>Takes a slot. False when all are taken.</summary>
    /// <exception cref="InvalidOperationException">The request is outstanding already.</exception>
    public bool TryReserve(ChannelRequest request, out ulong transactionId)
    {
        transactionId = 0;
        if (request.IsOutstanding)
            throw new InvalidOperationException("The request is outstanding already.");
        if (_freeCount == 0)
            return false;
        var slot = _free[--_freeCount];
        _requests[slot] = request;
        request.Slot = slot;
        transactionId = ((ulong)_uses[slot] << 32) | ((uint)slot + 1);
        return true;
    }

    /// <summary>The request was not sent after all.</summary>
    public void Unreserve(ChannelRequest request) => Free(request.Slot);

    /// <summary>Takes the request that the host completes out of the table; null when the host made the id up, or uses it twice.</summary>
    public ChannelRequest? Take(ulong transactionId, out bool wasAbandoned)
    {
        wasAbandoned = false;
        var slot = (uint)transactionId - 1;
        if (slot >= (uint)_requests.Length || _requests[slot] is not { } request || _uses[slot] != (uint)(transactionId >> 32))
            return null;
        wasAbandoned = _isAbandoned[slot];
        Free((int)slot);
        return request;
    }

    /// <summary>Takes any request out; null when there is none.</summary>
    public ChannelRequest? TakeAny(ref int from, out bool wasAbandoned)
    {
        for (; from < _requests.Length; from++)
        {
            if (_requests[from] is not { } request)
                continue;
            wasAbandoned = _isAbandoned[from];
            Free(from);
            return request;
        }

        wasAbandoned = false;
        return null;
    }

    public bool TryAbandon(ChannelRequest request)
    {
        var slot = request.Slot;
        if ((uint)slot >= (uint)_requests.Length || !ReferenceEquals(_requests[slot], request) || _isAbandoned[slot])
            return false;
        _isAbandoned[slot] = true;
        return true;
    }

    private void Free(int slot)
    {
        _requests[slot]!.Slot = -1;
        _requests[slot] = null;
        _isAbandoned[slot] = false;
        _uses[slot]++;
        _free[_freeCount++] = slot;
    }
}
