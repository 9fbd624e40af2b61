using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>A request to the guest and what became of it.</summary>
public sealed class IntegrationCall
{
    internal IntegrationCall(IcMessageType type, byte[] body, Action<IntegrationCall>? then)
    {
        Type = type;
        Request = body;
        Then = then;
    }

    /// <summary>Message type.</summary>
    public IcMessageType Type { get; }

    /// <summary>Body that was sent.</summary>
    public IReadOnlyList<byte> Request { get; }

    /// <summary>Answered, timed out or given up.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The guest's status; null without an answer.</summary>
    public IcStatus? Status { get; private set; }

    /// <summary>The body of the answer.</summary>
    public byte[] Answer { get; private set; } = [];

    /// <summary>Time from request to answer.</summary>
    public TimeSpan Took { get; private set; }

    internal Action<IntegrationCall>? Then { get; }

    internal long Started { get; set; }

    internal void Complete(IcStatus? status, byte[] answer, TimeSpan took)
    {
        if (IsDone)
            return;
        IsDone = true;
        Status = status;
        Answer = answer;
        Took = took;
        Then?.Invoke(this);
    }
}
