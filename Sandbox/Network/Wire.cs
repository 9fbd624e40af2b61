using System.Buffers.Binary;

namespace GuestOS.Sandbox.Network;

/// <summary>Numbers in messages (little-endian) and in frames (big-endian).</summary>
internal static class Wire
{
    public static uint Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    public static void Put(Span<byte> bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], value);

    public static ushort Net16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    public static void PutNet16(Span<byte> bytes, int offset, int value) => BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], (ushort)value);

    public static uint Net32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    public static void PutNet32(Span<byte> bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], value);

    /// <summary>An Ethernet address as a number, its first byte the highest.</summary>
    public static ulong Address(ReadOnlySpan<byte> bytes) => ((ulong)Net16(bytes, 0) << 32) | Net32(bytes, 2);

    /// <summary>A message of little-endian words.</summary>
    public static byte[] Words(params ReadOnlySpan<uint> words)
    {
        var bytes = new byte[words.Length * 4];
        for (var i = 0; i < words.Length; i++)
            Put(bytes, i * 4, words[i]);
        return bytes;
    }
}
