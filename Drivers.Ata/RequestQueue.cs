using GuestOS.Machine.Queues;

namespace GuestOS.Drivers.Ata;

/// <summary>Requests that wait for their command, in order. Under the channel's lock.</summary>
internal sealed class RequestQueue
{
    private LinkedQueue<DriveRequest> _requests;

    /// <summary>What <see cref="Dequeue"/> would return.</summary>
    public DriveRequest? First => _requests.First;

    public void Enqueue(DriveRequest request)
    {
        _requests.Enqueue(request);
        request.State = RequestState.Queued;
    }

    /// <summary>For a request that has more to do, or is to be tried again: it keeps its place.</summary>
    public void PutBack(DriveRequest request)
    {
        _requests.PutBack(request);
        request.State = RequestState.Queued;
    }

    public DriveRequest? Dequeue() => _requests.Dequeue();

    public bool Remove(DriveRequest request) => _requests.Remove(request);

    /// <summary>Appends all of <paramref name="other"/>, which is empty afterwards.</summary>
    public void TakeAll(RequestQueue other) => _requests.TakeAll(ref other._requests);
}
