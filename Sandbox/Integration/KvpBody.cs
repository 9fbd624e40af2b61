using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>Bodies of the data exchange (protocol 4.6); offsets are those of the message less 28.</summary>
internal static class KvpBody
{
    private const int KeySize = 512;
    private const int ValueSize = 2048;
    private const int ValueAt = 4;
    private const int ValueLength = 2572;
    private const int IpLength = 0x1D04;

    public static byte[] Utf16(string text) => Encoding.Unicode.GetBytes(text + "\0");

    public static byte[] Value(KvpOperation operation, KvpPool pool, KvpValueType type, string key, byte[] value, uint? valueSize)
    {
        var name = Utf16(key);
        return Raw(operation, pool, type, name, (uint)name.Length, value, valueSize ?? (uint)value.Length);
    }

    public static byte[] Raw(
        KvpOperation operation, KvpPool pool, KvpValueType type, ReadOnlySpan<byte> key, uint keySize, ReadOnlySpan<byte> value, uint valueSize)
    {
        var body = Head(ValueAt + ValueLength, operation, pool);
        Put(body, ValueAt, (uint)type);
        Put(body, ValueAt + 4, keySize);
        Put(body, ValueAt + 8, valueSize);
        key.CopyTo(body.AsSpan(ValueAt + 12, KeySize));
        value.CopyTo(body.AsSpan(ValueAt + 12 + KeySize, ValueSize));
        return body;
    }

    public static byte[] Delete(KvpPool pool, string key)
    {
        var body = Head(8 + KeySize, KvpOperation.Delete, pool);
        var name = Utf16(key);
        Put(body, 4, (uint)name.Length);
        name.CopyTo(body.AsSpan(8, KeySize));
        return body;
    }

    public static byte[] Enumerate(KvpPool pool, uint index)
    {
        var body = Head(8 + ValueLength, KvpOperation.Enumerate, pool);
        Put(body, 4, index);
        return body;
    }

    public static byte[] Ip(KvpOperation operation, KvpIpSettings settings)
    {
        var body = Head(IpLength, operation, KvpPool.External);
        Text(body, 2, 256, settings.AdapterId);
        body[258] = settings.Family;
        body[259] = settings.IsDhcp ? (byte)1 : (byte)0;
        Text(body, 260, 2048, settings.Addresses);
        Text(body, 2308, 2048, settings.Subnets);
        Text(body, 4356, 1024, settings.Gateways);
        Text(body, 5380, 2048, settings.NameServers);
        return body;
    }

    /// <summary>Key and value of an answer; null when a size is beyond its field or odd.</summary>
    public static KvpItem? ReadItem(ReadOnlySpan<byte> body)
    {
        if (body.Length < ValueAt + ValueLength)
            return null;
        var at = (KvpOperation)body[0] == KvpOperation.Enumerate ? 8 : ValueAt;
        if (body.Length < at + ValueLength)
            return null;
        var value = body.Slice(at, ValueLength);
        var type = (KvpValueType)BinaryPrimitives.ReadUInt32LittleEndian(value);
        var keySize = BinaryPrimitives.ReadUInt32LittleEndian(value[4..]);
        var valueSize = BinaryPrimitives.ReadUInt32LittleEndian(value[8..]);
        if (keySize > KeySize || valueSize > ValueSize || keySize % 2 != 0)
            return null;
        var key = Terminated(value.Slice(12, (int)keySize));
        var data = value.Slice(12 + KeySize, (int)valueSize);
        switch (type)
        {
            case KvpValueType.String or KvpValueType.ExpandableString when data.Length % 2 == 0:
                return new KvpItem(key, type, Terminated(data));
            case KvpValueType.UInt32 when data.Length == 4:
                return new KvpItem(key, type, BinaryPrimitives.ReadUInt32LittleEndian(data).ToString(CultureInfo.InvariantCulture));
            case KvpValueType.UInt64 or KvpValueType.UInt64Registry when data.Length == 8:
                return new KvpItem(key, type, BinaryPrimitives.ReadUInt64LittleEndian(data).ToString(CultureInfo.InvariantCulture));
            default:
                return null;
        }
    }

    public static KvpIpSettings? ReadIp(ReadOnlySpan<byte> body) => body.Length < 7428 ? null : new KvpIpSettings(
        Terminated(body.Slice(2, 256)),
        body[258],
        body[259] != 0,
        Terminated(body.Slice(260, 2048)),
        Terminated(body.Slice(2308, 2048)),
        Terminated(body.Slice(4356, 1024)),
        Terminated(body.Slice(5380, 2048)));

    private static byte[] Head(int length, KvpOperation operation, KvpPool pool)
    {
        var body = new byte[length];
        body[0] = (byte)operation;
        body[1] = (byte)pool;
        return body;
    }

    private static void Text(byte[] body, int offset, int size, string text) =>
        Encoding.Unicode.GetBytes(text.AsSpan(0, Math.Min(text.Length, (size / 2) - 1)), body.AsSpan(offset, size));

    private static string Terminated(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Unicode.GetString(bytes[..(bytes.Length / 2 * 2)]);
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    private static void Put(byte[] body, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(offset), value);
}
