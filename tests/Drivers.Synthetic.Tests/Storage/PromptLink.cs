using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>A host that answers the last command when and how it is told to, and allocates nothing.</summary>
internal sealed class PromptLink : StorageLink
{
    private readonly byte[] _answer = new byte[StorageHeader.PacketSize];
    private StorageCommand? _command;

    public int Pages { get; private set; }

    /// <summary>There is no room in the ring.</summary>
    public bool IsFull { get; set; }

    /// <summary>The channel has ended.</summary>
    public bool IsClosed { get; set; }

    public override SendResult TrySend(StorageCommand command, GpaRange range, ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> packet)
    {
        if (IsClosed)
            return SendResult.Closed;
        if (IsFull)
            return SendResult.RingFull;
        Pages += frames.Length;
        packet.CopyTo(_answer);
        _command = command;
        return SendResult.Sent;
    }

    public void Answer(SrbStatus status = SrbStatus.Success, ScsiStatus scsi = ScsiStatus.Good)
    {
        ref var srb = ref MemoryMarshal.AsRef<SrbPacket>(_answer.AsSpan());
        srb.Header = new StorageHeader { Operation = StorageOperation.CompleteIo };
        srb.SrbStatus = status;
        srb.ScsiStatus = scsi;
        var command = _command!;
        _command = null;
        command.OnCompleted(RequestStatus.Completed, _answer);
    }
}
