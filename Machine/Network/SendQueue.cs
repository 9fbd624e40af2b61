using GuestOS.Machine.Queues;

namespace GuestOS.Machine.Network;

/// <summary>Requests that wait for room in a device, in the order in which they came, and the pool that they come from. Not thread-safe.</summary>
/// <param name="owner">The device, to which they go back.</param>
/// <param name="continueInline">Code that waits for a request goes on in the thread that ends it.</param>
public sealed class SendQueue(ISendRequestOwner owner, bool continueInline)
{
    private const int LargestPool = 64;
    private LinkedQueue<SendRequest> _requests;
    private LinkedPool<SendRequest> _spare = new(LargestPool);

    /// <summary>The one that came first; null when none waits.</summary>
    public SendRequest? First => _requests.First;

    /// <summary>Appends one: one frame, or several.</summary>
    public SendRequest Enqueue(Frame? single, ReadOnlyMemory<Frame> frames, CancellationToken token)
    {
        var request = _spare.Rent() ?? new SendRequest(owner, !continueInline);
        request.Fill(single, frames, token);
        _requests.Enqueue(request);
        return request;
    }

    /// <summary>Takes the first one out; null when there is none.</summary>
    public SendRequest? Dequeue() => _requests.Dequeue();

    /// <summary>Takes one out. False when it is not in the queue.</summary>
    public bool Remove(SendRequest request) => _requests.Remove(request);

    /// <summary>The result of one was taken: it may serve again.</summary>
    public void Return(SendRequest request) => _spare.Return(request);
}
