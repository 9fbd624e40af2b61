using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Services.Protocol;
using Xunit;

namespace GuestOS.Services.Tests;

/// <summary>Sizes and offsets of every wire struct against the protocol's tables (offsets there are from the start of the message).</summary>
public sealed class ProtocolTests
{
    [Fact]
    public void Sizes()
    {
        Assert.Equal(28, Unsafe.SizeOf<IcHeader>());
        Assert.Equal(4, Unsafe.SizeOf<IcVersion>());
        Assert.Equal(36 - 28, Unsafe.SizeOf<IcNegotiation>());
        Assert.Equal(40 - 28, Unsafe.SizeOf<HeartbeatBody>());
        Assert.Equal(40 - 28, Unsafe.SizeOf<ShutdownBody>());
        Assert.Equal(53 - 28, Unsafe.SizeOf<TimeSyncBody>());
        Assert.Equal(47 - 28, Unsafe.SizeOf<TimeSyncBody4>());
        Assert.Equal(2, Unsafe.SizeOf<KvpHeader>());
        Assert.Equal(0xA0C, Unsafe.SizeOf<KvpValue>());
        Assert.Equal(0xA0C, KvpValue.Size);
        Assert.Equal(4 + 512, Unsafe.SizeOf<KvpDelete>());
        Assert.Equal(4 + 0xA0C, Unsafe.SizeOf<KvpEnumerate>());
        Assert.Equal(7456 - 30, KvpIpInfo.Size);
        Assert.Equal(0x1D04, KvpIpInfo.Size + 2);
    }

    [Fact]
    public void Offsets()
    {
        At<IcHeader>(nameof(IcHeader.PipeSize), 4);
        At<IcHeader>(nameof(IcHeader.Framework), 8);
        At<IcHeader>(nameof(IcHeader.Type), 12);
        At<IcHeader>(nameof(IcHeader.Service), 14);
        At<IcHeader>(nameof(IcHeader.BodySize), 18);
        At<IcHeader>(nameof(IcHeader.Status), 20);
        At<IcHeader>(nameof(IcHeader.TransactionId), 24);
        At<IcHeader>(nameof(IcHeader.Flags), 25);
        At<IcNegotiation>(nameof(IcNegotiation.ServiceCount), 30 - 28);
        At<HeartbeatBody>(nameof(HeartbeatBody.State), 36 - 28);
        At<ShutdownBody>(nameof(ShutdownBody.TimeoutSeconds), 32 - 28);
        At<ShutdownBody>(nameof(ShutdownBody.Flags), 36 - 28);
        At<TimeSyncBody>(nameof(TimeSyncBody.ChildTime), 36 - 28);
        At<TimeSyncBody>(nameof(TimeSyncBody.RoundTrip), 44 - 28);
        At<TimeSyncBody>(nameof(TimeSyncBody.Flags), 52 - 28);
        At<TimeSyncBody4>(nameof(TimeSyncBody4.ReferenceTime), 36 - 28);
        At<TimeSyncBody4>(nameof(TimeSyncBody4.Flags), 44 - 28);
        At<TimeSyncBody4>(nameof(TimeSyncBody4.Stratum), 46 - 28);
        At<KvpHeader>(nameof(KvpHeader.Pool), 29 - 28);
        At<KvpValue>(nameof(KvpValue.Key), 44 - 32);
        At<KvpValue>(nameof(KvpValue.Value), 556 - 32);
        At<KvpEnumerate>(nameof(KvpEnumerate.Value), 36 - 32);
        At<KvpDelete>(nameof(KvpDelete.Key), 36 - 32);
        Assert.Equal(286 - 30, KvpIpInfo.Family);
        Assert.Equal(287 - 30, KvpIpInfo.IsDhcp);
        Assert.Equal(288 - 30, KvpIpInfo.Addresses);
        Assert.Equal(2336 - 30, KvpIpInfo.Subnets);
        Assert.Equal(4384 - 30, KvpIpInfo.Gateways);
        Assert.Equal(5408 - 30, KvpIpInfo.NameServers);
    }

    private static void At<T>(string field, int offset)
        where T : struct => Assert.Equal(offset, (int)Marshal.OffsetOf<T>(field));
}
