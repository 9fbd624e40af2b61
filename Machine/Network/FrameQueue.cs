using System.Diagnostics.CodeAnalysis;
using GuestOS.Machine.Queues;

namespace GuestOS.Machine.Network;

/// <summary>First in, first out, linked through the frames: a frame is in one queue at most. Not thread-safe; do not copy.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "A field of its owner, never compared.")]
public struct FrameQueue
{
    private LinkedQueue<Frame> _frames;

    /// <summary>Frames in it.</summary>
    public int Count { get; private set; }

    /// <summary>Appends a frame.</summary>
    public void Enqueue(Frame frame)
    {
        _frames.Enqueue(frame);
        Count++;
    }

    /// <summary>Takes the first frame.</summary>
    public bool TryDequeue([NotNullWhen(true)] out Frame? frame)
    {
        frame = _frames.Dequeue();
        if (frame is null)
            return false;
        Count--;
        return true;
    }

    /// <summary>Appends all of <paramref name="other"/>, which is empty afterwards.</summary>
    public void TakeAll(ref FrameQueue other)
    {
        _frames.TakeAll(ref other._frames);
        Count += other.Count;
        other.Count = 0;
    }

    /// <summary>Gives all frames back to their owners.</summary>
    public void ReleaseAll()
    {
        while (TryDequeue(out var frame))
            frame.Release();
    }
}
