using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>A host that answers each command with success when it is told to, and allocates nothing.</summary>
internal sealed class PromptLink : StorageLink
{
    private readonly byte[] _answer = new byte[StorageHeader.PacketSize];
    private StorageCommand? _command;

    public int Pages { get; private set; }

    public override SendResult TrySend(StorageCommand command, GpaRange range, ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> packet)
    {
        Pages += frames.Length;
        packet.CopyTo(_answer);
        ref var srb = ref MemoryMarshal.AsRef<SrbPacket>(_answer.AsSpan());
        srb.Header = new StorageHeader { Operation = StorageOperation.CompleteIo };
        srb.SrbStatus = SrbStatus.Success;
        _command = command;
        return SendResult.Sent;
    }

    public void Answer()
    {
        var command = _command!;
        _command = null;
        command.OnCompleted(RequestStatus.Completed, _answer);
    }
}
