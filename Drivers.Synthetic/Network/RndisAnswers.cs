using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Reads RNDIS messages other than frames (rules N5, N9 and N10). The bytes are private copies of whole ranges.</summary>
internal static class RndisAnswers
{
    /// <summary>Type and length, which is proved to lie in the range.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> range, out RndisHeader header)
    {
        header = default;
        if (range.Length < RndisHeader.Size)
            return false;
        header = MemoryMarshal.Read<RndisHeader>(range);
        return header.Length >= RndisHeader.Size && header.Length <= (uint)range.Length;
    }

    /// <summary>Head of the answers to INITIALIZE, QUERY, SET and KEEPALIVE.</summary>
    public static bool TryReadComplete(ReadOnlySpan<byte> message, out RndisComplete answer)
    {
        answer = default;
        if (message.Length < RndisComplete.Size)
            return false;
        answer = MemoryMarshal.Read<RndisComplete>(message);
        return true;
    }

    /// <summary>The value in the answer to QUERY.</summary>
    public static bool TryReadValue(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (message.Length < RndisQueryComplete.Size)
            return false;
        var answer = MemoryMarshal.Read<RndisQueryComplete>(message);
        if (answer.InfoLength == 0)
            return true;
        if (answer.InfoOffset < RndisQueryComplete.Size - RndisHeader.Size
            || (ulong)answer.InfoOffset + RndisHeader.Size + answer.InfoLength > (uint)message.Length)
            return false;
        value = message.Slice((int)answer.InfoOffset + RndisHeader.Size, (int)answer.InfoLength);
        return true;
    }

    /// <summary>The status and its buffer, which old hosts do not count in the message's length: the range bounds it.</summary>
    public static bool TryReadStatus(ReadOnlySpan<byte> range, out RndisStatus status, out ReadOnlySpan<byte> buffer)
    {
        buffer = default;
        status = RndisStatus.Success;
        if (range.Length < RndisIndicateStatus.Size)
            return false;
        var message = MemoryMarshal.Read<RndisIndicateStatus>(range);
        status = message.Status;
        if (message.Header.Length < RndisIndicateStatus.Size)
            return false;
        if (message.BufferLength == 0)
            return true;
        if (message.BufferOffset < RndisIndicateStatus.Size - RndisHeader.Size
            || (ulong)message.BufferOffset + RndisHeader.Size + message.BufferLength > (uint)range.Length)
            return false;
        buffer = range.Slice((int)message.BufferOffset + RndisHeader.Size, (int)message.BufferLength);
        return true;
    }

    /// <summary>Rule N11; null when all is well.</summary>
    public static string? FindFault(in RndisInitializeComplete answer, int smallestTransfer)
    {
        if (answer.MostPackets < 1)
            return "no packet in a message";
        if (answer.AlignmentFactor >= 31)
            return $"an alignment factor of {answer.AlignmentFactor}";
        return answer.MaxTransfer < (uint)smallestTransfer ? $"transfers of {answer.MaxTransfer} bytes at most" : null;
    }
}
