using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>
/// The host's data exchange: reads, writes, deletes and enumerates keys of every pool, and reads and writes IP settings in the text form
/// of 1.0 to 4.0.
/// </summary>
public sealed class KvpProvider : IntegrationProvider
{
    /// <summary>Keys of one pool at most; a guest that has more is cut off.</summary>
    private const int MostKeys = 4096;

    /// <param name="options">What the host is like.</param>
    public KvpProvider(IntegrationOptions? options = null)
        : base(
            IcMessageType.KeyValue,
            ClassIds.KeyValue,
            new("242ff919-07db-4180-9c2e-b86cb68c8c55"),
            [new(1, 0), new(3, 0), new(4, 0)],
            options)
    {
    }

    /// <summary>Value of a key; read it with <see cref="ItemOf"/>.</summary>
    public IntegrationCall Get(KvpPool pool, string key)
    {
        var body = KvpBody.Value(KvpOperation.Get, pool, 0, key, [], 0);
        return Request(body);
    }

    /// <summary>Sets a key to a text.</summary>
    public IntegrationCall Set(KvpPool pool, string key, string text) =>
        Request(KvpBody.Value(KvpOperation.Set, pool, KvpValueType.String, key, KvpBody.Utf16(text), null));

    /// <summary>Sets a key to a 32-bit number.</summary>
    public IntegrationCall Set(KvpPool pool, string key, uint number)
    {
        var value = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(value, number);
        return Request(KvpBody.Value(KvpOperation.Set, pool, KvpValueType.UInt32, key, value, null));
    }

    /// <summary>Sets a key to a 64-bit number.</summary>
    /// <param name="pool">Pool.</param>
    /// <param name="key">Key.</param>
    /// <param name="number">Value.</param>
    /// <param name="type">8, or 11 (OpenVMM).</param>
    public IntegrationCall Set(KvpPool pool, string key, ulong number, KvpValueType type)
    {
        var value = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(value, number);
        return Request(KvpBody.Value(KvpOperation.Set, pool, type, key, value, null));
    }

    /// <summary>Sets a key with any sizes and bytes.</summary>
    /// <param name="operation">Any operation.</param>
    /// <param name="pool">Any pool.</param>
    /// <param name="type">Any type.</param>
    /// <param name="key">At most 512 bytes.</param>
    /// <param name="keySize">What the message says.</param>
    /// <param name="value">At most 2048 bytes.</param>
    /// <param name="valueSize">What the message says.</param>
    public IntegrationCall SendValue(
        KvpOperation operation, KvpPool pool, KvpValueType type, ReadOnlySpan<byte> key, uint keySize, ReadOnlySpan<byte> value, uint valueSize) =>
        Request(KvpBody.Raw(operation, pool, type, key, keySize, value, valueSize));

    /// <summary>Deletes a key.</summary>
    public IntegrationCall Delete(KvpPool pool, string key) => Request(KvpBody.Delete(pool, key));

    /// <summary>The key at an index.</summary>
    public IntegrationCall GetAt(KvpPool pool, uint index) => Request(KvpBody.Enumerate(pool, index));

    /// <summary>All keys of a pool, one request after another until the guest says that there are no more.</summary>
    public KvpEnumeration Enumerate(KvpPool pool)
    {
        var result = new KvpEnumeration();
        Step(pool, 0, result);
        return result;
    }

    /// <summary>IP settings of an adapter; read them with <see cref="IpOf"/>.</summary>
    public IntegrationCall GetIp(string adapterId) => Request(KvpBody.Ip(KvpOperation.GetIpInfo, new KvpIpSettings(adapterId)));

    /// <summary>Writes IP settings.</summary>
    public IntegrationCall SetIp(KvpIpSettings settings) => Request(KvpBody.Ip(KvpOperation.SetIpInfo, settings));

    /// <summary>Key and value of the answer to <see cref="Get"/> or <see cref="GetAt"/>; null when it has none or they are not sound.</summary>
    public static KvpItem? ItemOf(IntegrationCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.Status == IcStatus.Success ? KvpBody.ReadItem(call.Answer) : null;
    }

    /// <summary>Settings of the answer to <see cref="GetIp"/>; null when it has none.</summary>
    public static KvpIpSettings? IpOf(IntegrationCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.Status == IcStatus.Success ? KvpBody.ReadIp(call.Answer) : null;
    }

    private protected override byte[] Sample() => KvpBody.Value(KvpOperation.Set, KvpPool.External, KvpValueType.String, "key", KvpBody.Utf16("value"), null);

    private void Step(KvpPool pool, uint index, KvpEnumeration result) => Request(KvpBody.Enumerate(pool, index), call =>
    {
        result.Status = call.Status;
        if (call.Status == IcStatus.Success && KvpBody.ReadItem(call.Answer) is { } item && result.Items.Count < MostKeys)
        {
            result.Items.Add(item);
            Step(pool, index + 1, result);
            return;
        }

        if (call.Status == IcStatus.Success)
            Session?.Report($"key {index} of pool {pool} is not sound, or there are more than {MostKeys}");
        result.IsDone = true;
    });
}
