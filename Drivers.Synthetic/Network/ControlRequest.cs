using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// A page for one control message to the host. It is taken until whoever asked has its answer or gave up, and the host has let go of the page.
/// </summary>
internal sealed class ControlRequest(RndisControl owner, int number) : ChannelRequest
{
    public int Number => number;

    /// <summary>Bytes of the message.</summary>
    public int Length { get; set; }

    /// <summary>Id of the message; the answer repeats it.</summary>
    public uint Id { get; set; }

    /// <summary>What kind of message answers it.</summary>
    public RndisMessageType AnswerType { get; set; }

    /// <summary>Who waits; null when nobody does.</summary>
    public TaskCompletionSource<byte[]>? Waiter { get; set; }

    public bool IsTaken { get; set; }

    /// <summary>The host may read the page.</summary>
    public bool IsWithHost { get; set; }

    /// <summary>There was no room in the ring.</summary>
    public bool IsUnsent { get; set; }

    public override void OnCompleted(RequestStatus status, ReadOnlySpan<byte> payload) => owner.OnCompleted(this, status, NvspAnswers.IsSent(payload));
}
