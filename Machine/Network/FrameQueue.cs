using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Machine.Network;

/// <summary>First in, first out, linked through the frames: a frame is in one queue at most. Not thread-safe; do not copy.</summary>
public struct FrameQueue : IEquatable<FrameQueue>
{
    private Frame? _head;
    private Frame? _tail;

    /// <summary>Frames in it.</summary>
    public int Count { get; private set; }

    /// <summary>Compares identity.</summary>
    public static bool operator ==(FrameQueue left, FrameQueue right) => left.Equals(right);

    /// <summary>Compares identity.</summary>
    public static bool operator !=(FrameQueue left, FrameQueue right) => !left.Equals(right);

    /// <summary>Appends a frame.</summary>
    public void Enqueue(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        frame.Next = null;
        if (_tail is null)
            _head = frame;
        else
            _tail.Next = frame;
        _tail = frame;
        Count++;
    }

    /// <summary>Takes the first frame.</summary>
    public bool TryDequeue([NotNullWhen(true)] out Frame? frame)
    {
        frame = _head;
        if (frame is null)
            return false;
        _head = frame.Next;
        if (_head is null)
            _tail = null;
        frame.Next = null;
        Count--;
        return true;
    }

    /// <summary>Appends all of <paramref name="other"/>, which is empty afterwards.</summary>
    public void TakeAll(ref FrameQueue other)
    {
        if (other._head is null)
            return;
        if (_tail is null)
            _head = other._head;
        else
            _tail.Next = other._head;
        _tail = other._tail;
        Count += other.Count;
        other = default;
    }

    /// <summary>Gives all frames back to their owners.</summary>
    public void ReleaseAll()
    {
        while (TryDequeue(out var frame))
            frame.Release();
    }

    /// <inheritdoc/>
    public readonly bool Equals(FrameQueue other) => ReferenceEquals(_head, other._head) && ReferenceEquals(_tail, other._tail);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is FrameQueue other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => _head?.GetHashCode() ?? 0;
}
