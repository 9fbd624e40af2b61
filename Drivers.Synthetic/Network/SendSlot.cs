using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>A frame on its way through the host; pooled, one outstanding at most. The section is this record's, not what the host says (N12).</summary>
internal sealed class SendSlot(NetvscSession session, int number) : ChannelRequest
{
    public NetvscSession Session => session;

    /// <summary>Its place in the memory of headers.</summary>
    public int Number => number;

    /// <summary>Link of the list of free ones.</summary>
    public SendSlot? Next { get; set; }

    /// <summary>Section of the send buffer that it lies in; -1 when the host reads the frame's own memory.</summary>
    public int Section { get; set; } = -1;

    /// <summary>The frame, while the host reads its memory.</summary>
    public Frame? Frame { get; set; }

    /// <summary>Bytes of the frame.</summary>
    public int Length { get; set; }

    public override void OnCompleted(RequestStatus status, ReadOnlySpan<byte> payload) =>
        session.Adapter.OnSent(this, status, status == RequestStatus.Completed && NvspAnswers.IsSent(payload));
}
