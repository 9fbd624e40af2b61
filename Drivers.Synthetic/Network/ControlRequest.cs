using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>A page for one control message to the host.</summary>
internal sealed class ControlRequest(RndisControl owner, int number) : ChannelRequest
{
    public int Number => number;

    /// <summary>Who has the page.</summary>
    public PageState State { get; private set; }

    /// <summary>Bytes of the message.</summary>
    public int Length { get; set; }

    /// <summary>Id of the message; the answer repeats it.</summary>
    public uint Id { get; set; }

    /// <summary>What kind of message answers it; none when nobody waits for an answer.</summary>
    public RndisMessageType AnswerType { get; set; }

    /// <summary>Who waits; null when nobody does, or has the answer.</summary>
    public TaskCompletionSource<byte[]>? Waiter { get; set; }

    /// <summary>Somebody has issued it who leaves in the end.</summary>
    public bool HasIssuer => AnswerType != RndisMessageType.None;

    /// <summary>The table of <see cref="PageState"/>.</summary>
    public static bool CanBecome(PageState from, PageState to) => from switch
    {
        PageState.Free => to is PageState.Unsent,
        PageState.Unsent => to is PageState.WithHost or PageState.Abandoned or PageState.Free,
        PageState.WithHost => to is PageState.LetGo or PageState.Abandoned,
        _ => to is PageState.Free,
    };

    /// <summary>The one place where the state changes.</summary>
    /// <exception cref="InvalidOperationException">The table has no such change.</exception>
    public void Move(PageState to)
    {
        if (!CanBecome(State, to))
            throw new InvalidOperationException($"A page that is {State} cannot be {to}.");
        State = to;
    }

    public override void OnCompleted(RequestStatus status, ReadOnlySpan<byte> payload) => owner.OnCompleted(this, status, NvspAnswers.IsSent(payload));
}
