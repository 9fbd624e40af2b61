using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GuestOS.Services.KeyValue;
using GuestOS.Services.Protocol;
using Xunit;

namespace GuestOS.Services.Tests;

public sealed class KeyValueTests
{
    private readonly KeyValueService _service = new(new GuestFacts
    {
        ServicesVersion = "1.2.3",
        OsName = "GuestOS",
        KernelVersion = "4.5.6",
        BuildNumber = "6",
        MajorVersion = "4",
        MinorVersion = "5",
    });

    private readonly FrameHarness _harness;

    public KeyValueTests() => _harness = new FrameHarness(_service, new IcVersion(4, 0));

    [Fact]
    public void An_adapter_says_a_prefix_length_for_each_address_and_is_forgotten_however_its_id_is_written()
    {
        var adapter = new AdapterSettings { Id = "00:15:5d:0a:0b:0c", Addresses = [System.Net.IPAddress.Loopback], PrefixLengths = [8] };
        Assert.Throws<ArgumentException>(() => _service.Adapters.Set(adapter with { PrefixLengths = [] }));
        Assert.Null(_service.Adapters.Find(adapter.Id));
        _service.Adapters.Set(adapter);
        Assert.Same(adapter, _service.Adapters.Find("00-15-5D-0A-0B-0C"));
        Assert.Null(_service.Adapters.Find("00-15-5D-0A-0B-0D"));
        _service.Adapters.Remove("00155D0A0B0C");
        Assert.Null(_service.Adapters.Find(adapter.Id));
    }

    [Fact]
    public void The_host_enumerates_what_the_guest_says_of_itself()
    {
        _service.Adapters.Set(new AdapterSettings
        {
            Id = "00-15-5D-01-02-03",
            Addresses = [IPAddress.Parse("10.0.0.5"), IPAddress.Parse("fe80::5"), IPAddress.Parse("10.0.1.5")],
            PrefixLengths = [24, 64, 24],
        });
        List<(string, string)> found = [];
        for (uint index = 0; Enumerate(KvpPool.Auto, index) is (IcStatus.Success, var key, var value); index++)
            found.Add((key, value));
        Assert.Equal(
            [
                ("FullyQualifiedDomainName", "guestos"), ("IntegrationServicesVersion", "1.2.3"), ("NetworkAddressIPv4", "10.0.0.5;10.0.1.5"),
                ("NetworkAddressIPv6", "fe80::5"), ("OSBuildNumber", "6"), ("OSName", "GuestOS"), ("OSMajorVersion", "4"), ("OSMinorVersion", "5"),
                ("OSVersion", "4.5.6"), ("ProcessorArchitecture", "x86_64"),
            ],
            found);
        Assert.Equal(IcStatus.NoMoreItems, Enumerate(KvpPool.Auto, 10).Status);
        Assert.Equal((IcStatus.Success, "10.0.0.5;10.0.1.5"), Get(KvpPool.Auto, "NetworkAddressIPv4"));
        Assert.Equal(IcStatus.NotFound, Get(KvpPool.Auto, "NetworkAddress").Status);
        Assert.Equal(IcStatus.NoMoreItems, Enumerate(KvpPool.Auto, uint.MaxValue).Status);
    }

    [Fact]
    public void The_host_reads_what_the_program_sets_and_cannot_change_it()
    {
        _service.Guest.Set("ready", "yes");
        Assert.Equal((IcStatus.Success, "yes"), Get(KvpPool.Guest, "ready"));
        Assert.Equal((IcStatus.Success, "ready", "yes"), Enumerate(KvpPool.Guest, 0));
        Assert.Equal(IcStatus.NotSupported, Set(KvpPool.Guest, "ready", "no"));
        Assert.Equal(IcStatus.NotSupported, Delete(KvpPool.Guest, "ready"));
        Assert.Equal("yes", _service.Guest.Find("ready"));
    }

    [Theory]
    [InlineData(KvpPool.External)]
    [InlineData(KvpPool.AutoExternal)]
    public void The_host_sets_reads_and_deletes_its_own_keys(KvpPool pool)
    {
        List<string> changed = [];
        _service.HostChanged = (_, key) => changed.Add(key);
        Assert.Equal(IcStatus.Success, Set(pool, "Größe", "漢字 🦀"));
        Assert.Equal((IcStatus.Success, "漢字 🦀"), Get(pool, "Größe"));
        Assert.Equal(IcStatus.Success, Set(pool, "Größe", ""));
        Assert.Equal((IcStatus.Success, ""), Get(pool, "Größe"));
        Assert.Equal(IcStatus.Success, Delete(pool, "Größe"));
        Assert.Equal(IcStatus.NotFound, Get(pool, "Größe").Status);
        Assert.Equal(IcStatus.NotFound, Delete(pool, "Größe"));
        Assert.Equal(["Größe", "Größe", "Größe"], changed);
    }

    [Fact]
    public void The_longest_key_and_value_fit_and_longer_ones_do_not()
    {
        var key = new string('k', 255);
        var value = new string('v', 1023);
        Assert.Equal(IcStatus.Success, Set(KvpPool.External, key, value));
        Assert.Equal((IcStatus.Success, value), Get(KvpPool.External, key));
        Assert.Equal((IcStatus.Success, key, value), Enumerate(KvpPool.External, 0));
        Assert.Equal(IcStatus.InvalidArgument, Set(KvpPool.External, new string('k', 256), "x"));
        Assert.Equal(IcStatus.InvalidArgument, Set(KvpPool.External, "x", new string('v', 1024)));
        Assert.Equal(IcStatus.InvalidArgument, Set(KvpPool.External, "", "x"));
        Assert.Throws<ArgumentException>(() => _service.Guest.Set(new string('k', 256), "x"));
        Assert.Throws<ArgumentException>(() => _service.Guest.Set("x", new string('v', 1024)));
        Assert.Throws<ArgumentException>(() => _service.Guest.Set("", "x"));
        Assert.Throws<ArgumentException>(() => _service.Guest.Set("a\0b", "x"));
    }

    [Theory]
    [InlineData(513u, 2u)]
    [InlineData(0xFFFF_FFFFu, 2u)]
    [InlineData(2u, 2049u)]
    [InlineData(2u, 0xFFFF_FFFFu)]
    public void Sizes_beyond_their_fields_are_refused(uint keySize, uint valueSize)
    {
        var value = Value("k", "v");
        value.KeySize = keySize;
        value.ValueSize = valueSize;
        Assert.Equal(IcStatus.InvalidArgument, Request(KvpOperation.Set, KvpPool.External, value).Status);
    }

    [Theory]
    [InlineData(KvpValueType.UInt32, "04 03 02 01", 4u, "16909060")]
    [InlineData(KvpValueType.UInt64, "ff ff ff ff ff ff ff ff", 8u, "18446744073709551615")]
    [InlineData(KvpValueType.UInt64Registry, "01 00 00 00 00 00 00 00", 8u, "1")]
    public void Numbers_become_text(KvpValueType type, string bytes, uint size, string text)
    {
        var value = Value("n", "");
        value.Type = type;
        value.ValueSize = size;
        Hex.Parse(bytes).CopyTo(value.Value);
        Assert.Equal(IcStatus.Success, Request(KvpOperation.Set, KvpPool.External, value).Status);
        Assert.Equal(text, _service.External.Find("n"));
    }

    [Fact]
    public void A_value_of_an_unknown_type_is_refused()
    {
        var value = Value("n", "");
        value.Type = (KvpValueType)3;
        Assert.Equal(IcStatus.InvalidArgument, Request(KvpOperation.Set, KvpPool.External, value).Status);
    }

    [Fact]
    public void A_pool_has_an_end()
    {
        for (var i = 0; i < KeyValuePool.MostKeys; i++)
            Assert.Equal(IcStatus.Success, Set(KvpPool.External, $"k{i}", "v"));
        Assert.Equal(IcStatus.DiskFull, Set(KvpPool.External, "one more", "v"));
        Assert.Equal(IcStatus.Success, Set(KvpPool.External, "k7", "changed"));
    }

    [Theory]
    [InlineData((KvpOperation)6, KvpPool.External)]
    [InlineData((KvpOperation)255, KvpPool.External)]
    [InlineData(KvpOperation.Get, (KvpPool)5)]
    public void Unknown_operations_and_pools_fail(KvpOperation operation, KvpPool pool) =>
        Assert.Equal(IcStatus.Fail, Request(operation, pool, Value("k", "v")).Status);

    [Theory]
    [InlineData(KvpOperation.Get, 4 + KvpValue.Size)]
    [InlineData(KvpOperation.Set, 4 + KvpValue.Size)]
    [InlineData(KvpOperation.Delete, 4 + KvpDelete.Size)]
    [InlineData(KvpOperation.Enumerate, 4 + KvpEnumerate.Size)]
    [InlineData(KvpOperation.GetIpInfo, 2 + KvpIpInfo.Size)]
    [InlineData(KvpOperation.SetIpInfo, 2 + KvpIpInfo.Size)]
    public void A_message_that_does_not_hold_its_operation_fails(KvpOperation operation, int least)
    {
        foreach (var length in new[] { 0, 1, 2, 3, 4, 100, least - 1 })
        {
            var body = new byte[length];
            if (length > 0)
                body[0] = (byte)operation;
            Assert.Equal(IcStatus.Fail, _harness.Request(body).Status);
        }
    }

    [Fact]
    public void The_host_reads_the_addresses_of_an_adapter_however_it_writes_its_name()
    {
        _service.Adapters.Set(new AdapterSettings
        {
            Id = "00:15:5d:01:02:03",
            IsDhcp = true,
            Addresses = [IPAddress.Parse("10.0.0.5"), IPAddress.Parse("fe80::5")],
            PrefixLengths = [20, 64],
            Gateways = [IPAddress.Parse("10.0.0.1")],
            NameServers = [IPAddress.Parse("10.0.0.2"), IPAddress.Parse("fe80::2")],
        });
        var (status, info) = Adapter(KvpOperation.GetIpInfo, "00-15-5D-01-02-03");
        Assert.Equal(IcStatus.Success, status);
        Assert.Equal("10.0.0.5;fe80::5", Text(info, 288 - 30, 2048));
        Assert.Equal("255.255.240.0;/64", Text(info, 2336 - 30, 2048));
        Assert.Equal("10.0.0.1", Text(info, 4384 - 30, 1024));
        Assert.Equal("10.0.0.2;fe80::2", Text(info, 5408 - 30, 2048));
        Assert.Equal(3, info[286 - 30]);
        Assert.Equal(1, info[287 - 30]);
        Assert.Equal(IcStatus.NotConnected, Adapter(KvpOperation.GetIpInfo, "00155D010204").Status);
    }

    [Fact]
    public void The_host_sets_addresses_when_a_program_takes_them()
    {
        Assert.Equal(IcStatus.NotSupported, Adapter(KvpOperation.SetIpInfo, "00155D010203", "10.0.0.9", "255.255.255.0").Status);
        AdapterSettings? applied = null;
        _service.Adapters.Applying = settings =>
        {
            applied = settings;
            return true;
        };
        Assert.Equal(IcStatus.Success, Adapter(KvpOperation.SetIpInfo, "00155D010203", "10.0.0.9; fe80::9;", "255.255.254.0;64").Status);
        Assert.Equal("00155D010203", applied!.Id);
        Assert.Equal([IPAddress.Parse("10.0.0.9"), IPAddress.Parse("fe80::9")], applied.Addresses);
        Assert.Equal([23, 64], applied.PrefixLengths);
    }

    [Theory]
    [InlineData("10.0.0.9", "255.255.0.255")]
    [InlineData("10.0.0.9", "33")]
    [InlineData("10.0.0.9", "")]
    [InlineData("fe80::9", "129")]
    [InlineData("not an address", "24")]
    [InlineData("10.0.0.9", "24;24")]
    public void Addresses_that_are_none_are_refused(string addresses, string subnets)
    {
        _service.Adapters.Applying = _ => throw new InvalidOperationException("must not be asked");
        Assert.Equal(IcStatus.InvalidArgument, Adapter(KvpOperation.SetIpInfo, "00155D010203", addresses, subnets).Status);
    }

    [Fact]
    public void No_bytes_of_a_host_throw_and_what_is_stored_stays_bounded()
    {
        _service.Guest.Set("g", "v");
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(ArbMap.Default.ArbFor<byte>(), ArbMap.Default.ArbFor<byte>(), ArbMap.Default.ArbFor<byte[]>(), (operation, pool, noise) =>
            {
                var body = new byte[7430];
                for (var i = 0; i < noise.Length; i++)
                    body[(i * 131) % body.Length] = noise[i];
                body[0] = (byte)(operation % 7);
                body[1] = (byte)(pool % 6);
                _harness.Request(body);
                Assert.All(_service.External.Entries, entry => Assert.True(entry.Key.Length <= 255 && entry.Value.Length <= 1023));
            }));
    }

    private static KvpValue Value(string key, string text)
    {
        KvpValue value = default;
        value.Type = KvpValueType.String;
        value.KeySize = (uint)((key.Length + 1) * 2);
        value.ValueSize = (uint)((text.Length + 1) * 2);
        Put(value.Key, key);
        Put(value.Value, text);
        return value;
    }

    private static void Put(Span<byte> field, string text) => Encoding.Unicode.GetBytes(text).AsSpan(0, Math.Min(text.Length * 2, field.Length)).CopyTo(field);

    private static string Text(ReadOnlySpan<byte> bytes, int offset, int size)
    {
        var text = Encoding.Unicode.GetString(bytes.Slice(offset, size));
        return text[..text.IndexOf('\0', StringComparison.Ordinal)];
    }

    private (IcStatus Status, byte[] Body) Request<T>(KvpOperation operation, KvpPool pool, T content)
        where T : unmanaged
    {
        var body = new byte[4 + Marshal.SizeOf<T>()];
        body[0] = (byte)operation;
        body[1] = (byte)pool;
        MemoryMarshal.Write(body.AsSpan(4), in content);
        var (_, status, answer) = _harness.Request(body);
        return (status, answer);
    }

    private IcStatus Set(KvpPool pool, string key, string value) => Request(KvpOperation.Set, pool, Value(key, value)).Status;

    private (IcStatus Status, string Value) Get(KvpPool pool, string key)
    {
        var (status, body) = Request(KvpOperation.Get, pool, Value(key, ""));
        return (status, status == IcStatus.Success ? Text(body, 556 - 28, 2048) : "");
    }

    private IcStatus Delete(KvpPool pool, string key)
    {
        KvpDelete delete = default;
        delete.KeySize = (uint)((key.Length + 1) * 2);
        Put(delete.Key, key);
        return Request(KvpOperation.Delete, pool, delete).Status;
    }

    private (IcStatus Status, string Key, string Value) Enumerate(KvpPool pool, uint index)
    {
        var (status, body) = Request(KvpOperation.Enumerate, pool, new KvpEnumerate { Index = index });
        return status == IcStatus.Success ? (status, Text(body, 48 - 28, 512), Text(body, 560 - 28, 2048)) : (status, "", "");
    }

    private (IcStatus Status, byte[] Info) Adapter(KvpOperation operation, string id, string addresses = "", string subnets = "")
    {
        var body = new byte[2 + 7426];
        body[0] = (byte)operation;
        Put(body.AsSpan(30 - 28, 256), id);
        Put(body.AsSpan(288 - 28, 2048), addresses);
        Put(body.AsSpan(2336 - 28, 2048), subnets);
        var (_, status, answer) = _harness.Request(body);
        return (status, answer[2..]);
    }
}
