using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Reads what the host says in NVSP (rules N1 to N3, N12 to N14). The bytes are private copies.</summary>
internal static class NvspAnswers
{
    /// <summary>Least sub-allocation and section that make sense.</summary>
    private const uint Smallest = 68;

    /// <summary>The type of any message.</summary>
    public static bool TryReadType(ReadOnlySpan<byte> message, out NvspMessageType type)
    {
        type = message.Length < sizeof(uint) ? NvspMessageType.None : (NvspMessageType)BinaryPrimitives.ReadUInt32LittleEndian(message);
        return type != NvspMessageType.None;
    }

    /// <summary>INIT_COMPLETE.</summary>
    public static bool TryReadInit(ReadOnlySpan<byte> message, out NvspStatus status)
    {
        status = NvspStatus.None;
        if (message.Length < NvspInitComplete.Size)
            return false;
        var answer = MemoryMarshal.Read<NvspInitComplete>(message);
        status = answer.Status;
        return answer.Type == NvspMessageType.InitComplete;
    }

    /// <summary>How the receive buffer is divided; null when it is, otherwise what is wrong.</summary>
    public static string? ReadReceiveBuffer(ReadOnlySpan<byte> message, int length, out int subAllocation, out int count)
    {
        subAllocation = count = 0;
        if (message.Length < NvspReceiveBufferComplete.Size)
            return $"{message.Length} bytes";
        var answer = MemoryMarshal.Read<NvspReceiveBufferComplete>(message);
        if (answer.Type != NvspMessageType.ReceiveBufferComplete)
            return $"message {(uint)answer.Type}";
        if (answer.Status != NvspStatus.Success)
            return $"status {answer.Status}";
        if (answer.SectionCount != 1 || answer.Offset != 0)
            return $"{answer.SectionCount} sections, the first at {answer.Offset}";
        var (size, number) = (answer.SubAllocationSize, answer.Count);
        if (size < Smallest || size > (uint)length || number == 0 || (ulong)size * number > (uint)length)
            return $"{number} sub-allocations of {size} bytes in {length}";
        (subAllocation, count) = ((int)size, (int)number);
        return null;
    }

    /// <summary>The send buffer's sections; null when that is clear, otherwise what is wrong. A host that takes none gives size 0.</summary>
    public static string? ReadSendBuffer(ReadOnlySpan<byte> message, int length, out int sectionSize)
    {
        sectionSize = 0;
        if (message.Length < NvspSendBufferComplete.Size)
            return $"{message.Length} bytes";
        var answer = MemoryMarshal.Read<NvspSendBufferComplete>(message);
        if (answer.Type != NvspMessageType.SendBufferComplete)
            return $"message {(uint)answer.Type}";
        if (answer.Status != NvspStatus.Success)
            return null;
        if (answer.SectionSize < Smallest || answer.SectionSize > (uint)length)
            return $"sections of {answer.SectionSize} bytes in {length}";
        sectionSize = (int)answer.SectionSize;
        return null;
    }

    /// <summary>Subchannels that are granted, never more than asked for.</summary>
    public static bool TryReadSubchannels(ReadOnlySpan<byte> message, int asked, out int granted)
    {
        granted = 0;
        if (message.Length < NvspSubchannelComplete.Size)
            return false;
        var answer = MemoryMarshal.Read<NvspSubchannelComplete>(message);
        if (answer.Type != NvspMessageType.Subchannel || answer.Status != NvspStatus.Success)
            return false;
        granted = (int)Math.Min(answer.Count, (uint)asked);
        return true;
    }

    /// <summary>The completion of a frame; padding may follow.</summary>
    public static bool IsSent(ReadOnlySpan<byte> message)
    {
        if (message.Length < NvspRndisPacketComplete.Size)
            return false;
        var answer = MemoryMarshal.Read<NvspRndisPacketComplete>(message);
        return answer.Type == NvspMessageType.RndisPacketComplete && answer.Status == NvspStatus.Success;
    }

    /// <summary>The channel of each of 16 classes of flows; 0 stands for one that there is not.</summary>
    public static bool TryReadSendTable(ReadOnlySpan<byte> message, NvspVersion version, int channels, Span<byte> table)
    {
        if (message.Length < NvspSendTable.Size)
            return false;
        var head = MemoryMarshal.Read<NvspSendTable>(message);
        if (head.Count != NvspConstants.SendTableEntries)
            return false;
        var offset = head.Offset;
        const int Bytes = NvspConstants.SendTableEntries * sizeof(uint);
        if (version <= NvspVersion.V6 && message.Length >= NvspConstants.OldSendTableOffset + Bytes)
            offset = NvspConstants.OldSendTableOffset;
        if (offset < NvspSendTable.Size || (ulong)offset + Bytes > (uint)message.Length)
            return false;
        for (var i = 0; i < NvspConstants.SendTableEntries; i++)
        {
            var channel = BinaryPrimitives.ReadUInt32LittleEndian(message[((int)offset + (i * sizeof(uint)))..]);
            table[i] = channel < (uint)channels ? (byte)channel : (byte)0;
        }

        return true;
    }
}
