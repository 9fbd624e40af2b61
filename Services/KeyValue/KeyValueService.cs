using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;
using GuestOS.Services.Text;

namespace GuestOS.Services.KeyValue;

/// <summary>
/// Data exchange: the host reads what the guest says of itself and what the guest's program sets; it writes keys, and addresses of network
/// adapters. Nothing is kept beyond the machine's run.
/// </summary>
public sealed class KeyValueService : IntegrationService
{
    private static readonly IcVersion[] s_versions = [new(1, 0), new(3, 0), new(4, 0)];
    private readonly AutomaticPool _automatic;

    /// <param name="facts">What the guest says of itself.</param>
    public KeyValueService(GuestFacts facts) => _automatic = new AutomaticPool(facts, Adapters);

    /// <summary>What the guest's program tells the host.</summary>
    public KeyValuePool Guest { get; } = new();

    /// <summary>What the host's administrator tells the guest.</summary>
    public KeyValuePool External { get; } = new();

    /// <summary>What the host says of itself and of the virtual machine: HostName, VirtualMachineName, ...</summary>
    public KeyValuePool HostFacts { get; } = new();

    /// <summary>Addresses of the network adapters.</summary>
    public AdapterRegistry Adapters { get; } = new();

    /// <summary>The host has set or deleted a key in <see cref="External"/> or <see cref="HostFacts"/>. Called on a thread that must not be blocked.</summary>
    public Action<KeyValuePool, string>? HostChanged { get; set; }

    /// <inheritdoc/>
    public override string Name => "kvp";

    /// <inheritdoc/>
    public override Guid ClassId => ClassIds.KeyValue;

    /// <inheritdoc/>
    public override IcMessageType Type => IcMessageType.KeyValue;

    /// <inheritdoc/>
    public override ReadOnlySpan<IcVersion> Versions => s_versions;

    /// <inheritdoc/>
    public override int LargestMessage => 16384 - 16;

    /// <inheritdoc/>
    public override string Summary => string.Create(
        CultureInfo.InvariantCulture, $"{Guest.Count} keys for the host, {External.Count} keys and {HostFacts.Count} facts from it");

    /// <inheritdoc/>
    public override IcAnswer Handle(in IcRequest request)
    {
        var body = request.Body;
        if (body.Length < KvpHeader.Size)
            return IcStatus.Fail;
        var header = MemoryMarshal.Read<KvpHeader>(body);
        if (header.Operation is KvpOperation.GetIpInfo or KvpOperation.SetIpInfo)
        {
            if (body.Length < KvpHeader.Size + KvpIpInfo.Size)
                return IcStatus.Fail;
            var info = body.Slice(KvpHeader.Size, KvpIpInfo.Size);
            return header.Operation == KvpOperation.GetIpInfo ? GetAdapter(info) : SetAdapter(info);
        }

        if (header.Operation > KvpOperation.SetIpInfo || header.Pool > KvpPool.AutoInternal || body.Length < KvpHeader.PaddedSize)
            return IcStatus.Fail;
        body = body[KvpHeader.PaddedSize..];
        return header.Operation switch
        {
            KvpOperation.Get when body.Length >= KvpValue.Size => Get(header.Pool, body),
            KvpOperation.Set when body.Length >= KvpValue.Size => Set(header.Pool, body),
            KvpOperation.Delete when body.Length >= KvpDelete.Size => Delete(header.Pool, body),
            KvpOperation.Enumerate when body.Length >= KvpEnumerate.Size => Enumerate(header.Pool, body),
            _ => IcStatus.Fail,
        };
    }

    private static bool TryReadKey(ReadOnlySpan<byte> field, uint size, out string key)
    {
        key = size <= KvpKey.Length ? Utf16Field.Read(field, size) : "";
        return key.Length is > 0 and <= KeyValuePool.LongestKey;
    }

    private static void WriteValue(ref KvpValue value, string key, string text)
    {
        value.Type = KvpValueType.String;
        // Both fit: pools take no longer ones, and the automatic pool cuts its own.
        value.KeySize = (uint)Utf16Field.Write(value.Key, key);
        value.ValueSize = (uint)Utf16Field.Write(value.Value, text);
    }

    private static bool TryReadText(ref readonly KvpValue value, out string text)
    {
        text = "";
        ReadOnlySpan<byte> field = value.Value;
        if (value.ValueSize > KvpText.Length)
            return false;
        switch (value.Type)
        {
            case KvpValueType.String or KvpValueType.ExpandableString:
                text = Utf16Field.Read(field, value.ValueSize);
                return text.Length <= KeyValuePool.LongestValue;
            case KvpValueType.UInt32:
                text = BinaryPrimitives.ReadUInt32LittleEndian(field).ToString(CultureInfo.InvariantCulture);
                return true;
            case KvpValueType.UInt64 or KvpValueType.UInt64Registry:
                text = BinaryPrimitives.ReadUInt64LittleEndian(field).ToString(CultureInfo.InvariantCulture);
                return true;
            default:
                return false;
        }
    }

    private KeyValuePool? PoolOf(KvpPool pool) => pool switch
    {
        KvpPool.External => External,
        KvpPool.Guest => Guest,
        KvpPool.AutoExternal => HostFacts,
        _ => null,
    };

    private IcStatus Get(KvpPool pool, Span<byte> body)
    {
        ref var value = ref MemoryMarshal.AsRef<KvpValue>(body);
        if (!TryReadKey(value.Key, value.KeySize, out var key))
            return IcStatus.InvalidArgument;
        var text = pool == KvpPool.Auto ? _automatic.Find(key) : PoolOf(pool)?.Find(key);
        if (text is null)
            return IcStatus.NotFound;
        WriteValue(ref value, key, text);
        return IcStatus.Success;
    }

    private IcStatus Set(KvpPool pool, Span<byte> body)
    {
        ref var value = ref MemoryMarshal.AsRef<KvpValue>(body);
        if (!TryReadKey(value.Key, value.KeySize, out var key) || !TryReadText(ref value, out var text))
            return IcStatus.InvalidArgument;
        // What the guest says is the guest's to say.
        if (pool is not (KvpPool.External or KvpPool.AutoExternal) || PoolOf(pool) is not { } target)
            return IcStatus.NotSupported;
        if (!target.Set(key, text))
            return IcStatus.DiskFull;
        HostChanged?.Invoke(target, key);
        return IcStatus.Success;
    }

    private IcStatus Delete(KvpPool pool, Span<byte> body)
    {
        ref var value = ref MemoryMarshal.AsRef<KvpDelete>(body);
        if (!TryReadKey(value.Key, value.KeySize, out var key))
            return IcStatus.InvalidArgument;
        if (pool is not (KvpPool.External or KvpPool.AutoExternal) || PoolOf(pool) is not { } target)
            return IcStatus.NotSupported;
        if (!target.Remove(key))
            return IcStatus.NotFound;
        HostChanged?.Invoke(target, key);
        return IcStatus.Success;
    }

    private IcStatus Enumerate(KvpPool pool, Span<byte> body)
    {
        ref var enumerate = ref MemoryMarshal.AsRef<KvpEnumerate>(body);
        KeyValuePair<string, string> entry = default;
        var exists = pool == KvpPool.Auto ? _automatic.TryGetAt(enumerate.Index, out entry) : PoolOf(pool)?.TryGetAt(enumerate.Index, out entry) == true;
        if (!exists)
            return IcStatus.NoMoreItems;
        WriteValue(ref enumerate.Value, entry.Key, entry.Value);
        return IcStatus.Success;
    }

    private IcStatus GetAdapter(Span<byte> info)
    {
        if (Adapters.Find(IpInfoMessage.ReadAdapter(info)) is not { } settings)
            return IcStatus.NotConnected;
        return IpInfoMessage.TryWrite(info, settings) ? IcStatus.Success : IcStatus.Fail;
    }

    private IcStatus SetAdapter(Span<byte> info)
    {
        if (Adapters.Applying is not { } applying)
            return IcStatus.NotSupported;
        if (IpInfoMessage.Read(info) is not { Id.Length: > 0 } settings)
            return IcStatus.InvalidArgument;
        return applying(settings) ? IcStatus.Success : IcStatus.Fail;
    }
}
