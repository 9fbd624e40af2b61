namespace GuestOS.Sandbox.Memory;

/// <summary>
/// The arrays behind guests' memory, for programs that make thousands of guests one after another: pinned arrays are costly to allocate and
/// to collect. One guest at a time uses it, and nothing of that guest runs any more when the next one is made.
/// </summary>
public sealed class PinnedArrays
{
    private readonly Dictionary<int, Stack<byte[]>> _free = [];
    private readonly List<byte[]> _used = [];

    /// <summary>An array of zeros of this length.</summary>
    internal byte[] Take(int length)
    {
        byte[]? array;
        lock (_free)
        {
            if (_free.TryGetValue(length, out var free) && free.TryPop(out array))
                Array.Clear(array);
            else
                array = GC.AllocateArray<byte>(length, pinned: true);
            _used.Add(array);
        }

        return array;
    }

    /// <summary>The guest that used it has ended.</summary>
    public void Reclaim()
    {
        lock (_free)
        {
            foreach (var array in _used)
            {
                if (!_free.TryGetValue(array.Length, out var free))
                    _free.Add(array.Length, free = new Stack<byte[]>());
                free.Push(array);
            }

            _used.Clear();
        }
    }
}
