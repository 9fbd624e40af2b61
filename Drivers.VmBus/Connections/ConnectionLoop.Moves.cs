using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>MODIFYCHANNEL: one at a time per channel, and with an answer from 5.3 on.</summary>
internal sealed partial class ConnectionLoop
{
    public void Move(VmBusChannel channel, MoveOperation operation)
    {
        if (channel.State is not ChannelState.Open)
        {
            var kind = channel.IsRescinded ? VmBusErrorKind.Rescinded : VmBusErrorKind.WrongState;
            operation.Promise.Fail(kind, $"{channel} cannot be moved while it is {channel.Status}");
            return;
        }

        if (Version < VmBusVersion.V4_1)
        {
            operation.Promise.Succeed();
            return;
        }

        operation.IsPossible = true;
        channel.Moves.Enqueue(operation);
        if (channel.Moves.Count == 1)
            StartMove(channel);
    }

    public void OnModifyResponse(ReadOnlySpan<byte> message)
    {
        var answer = MemoryMarshal.Read<ModifyChannelResponse>(message);
        if (Find(answer.RelId) is not { } channel)
        {
            OnUnknownId($"MODIFYCHANNEL_RESPONSE of channel {answer.RelId}");
            return;
        }

        if (!channel.MoveIsOpen)
        {
            OnLateAnswer($"MODIFYCHANNEL_RESPONSE of {channel}");
            return;
        }

        channel.MoveIsOpen = false;
        if (!channel.Moves.TryDequeue(out var operation))
        {
            // The wait ended before; from now on the channel can be moved again.
            Tally.LateAnswers++;
            return;
        }

        EndMove(channel, operation, answer.Status);
        StartMove(channel);
    }

    private void StartMove(VmBusChannel channel)
    {
        while (channel.Moves.TryPeek(out var operation))
        {
            if (operation.Promise.IsSet)
            {
                channel.Moves.Dequeue();
                continue;
            }

            if (channel.MoveIsOpen)
            {
                channel.Moves.Dequeue();
                operation.Promise.Fail(VmBusErrorKind.TimedOut, $"the host has not answered an earlier move of {channel}");
                continue;
            }

            var message = new ModifyChannel
            {
                Header = new MessageHeader { Type = MessageType.ModifyChannel },
                RelId = channel.RelId,
                TargetVp = _processors.Of(operation.Processor),
            };
            Post(message, status => OnMoveNotPosted(channel, operation, $"the move of {channel} could not be posted: {status}"));
            if (Version >= VmBusVersion.V5_3)
            {
                channel.MoveIsOpen = true;
                operation.Deadline = Within(_options.AnswerTimeout, () => OnMoveTimedOut(channel, operation));
                return;
            }

            channel.Moves.Dequeue();
            EndMove(channel, operation, 0);
        }
    }

    private void OnMoveTimedOut(VmBusChannel channel, MoveOperation operation)
    {
        if (!channel.Moves.TryPeek(out var first) || first != operation)
            return;
        channel.Moves.Dequeue();
        operation.Promise.Fail(VmBusErrorKind.TimedOut, $"the host did not answer the move of {channel}");
        StartMove(channel);
    }

    private void OnMoveNotPosted(VmBusChannel channel, MoveOperation operation, string message)
    {
        operation.Promise.Fail(VmBusErrorKind.Disconnected, message);
        operation.Deadline?.Dispose();

        // The host never got it, and will not answer it: that holds for one whose time was over before, too.
        channel.MoveIsOpen = false;
        if (channel.Moves.TryPeek(out var first) && first == operation)
            channel.Moves.Dequeue();
        StartMove(channel);
    }

    private static void EndMove(VmBusChannel channel, MoveOperation operation, uint status)
    {
        operation.Deadline?.Dispose();
        if (status == 0)
        {
            channel.Processor = operation.Processor;
            operation.Promise.Succeed();
        }
        else
        {
            operation.Promise.Fail(VmBusErrorKind.Refused, $"the host refused to move {channel}: {status:x}");
        }
    }

    private static void FailMoves(VmBusChannel channel, VmBusErrorKind kind)
    {
        while (channel.Moves.TryDequeue(out var operation))
        {
            operation.Deadline?.Dispose();
            operation.Promise.Fail(kind, $"{channel} was closed while it was moved");
        }
    }
}
