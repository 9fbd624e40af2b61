using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Balloon.Protocol;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

/// <summary>Sizes and offsets of the protocol's document, as literals.</summary>
public sealed class BalloonLayoutTests
{
    [Fact]
    public void Messages_have_their_sizes()
    {
        Assert.Equal(8, Marshal.SizeOf<BalloonHeader>());
        Assert.Equal(8, Marshal.SizeOf<WirePageRange>());
        Assert.Equal(16, Marshal.SizeOf<VersionRequest>());
        Assert.Equal(16, Marshal.SizeOf<VersionResponse>());
        Assert.Equal(32, Marshal.SizeOf<CapabilitiesReport>());
        Assert.Equal(16, Marshal.SizeOf<CapabilitiesResponse>());
        Assert.Equal(48, Marshal.SizeOf<StatusReport>());
        Assert.Equal(16, Marshal.SizeOf<BalloonRequest>());
        Assert.Equal(16, Marshal.SizeOf<BalloonResponse>());
        Assert.Equal(16, Marshal.SizeOf<UnballoonRequest>());
        Assert.Equal(16, Marshal.SizeOf<HotAddRequest>());
        Assert.Equal(24, Marshal.SizeOf<HotAddRegionRequest>());
        Assert.Equal(16, Marshal.SizeOf<HotAddResponse>());
        Assert.Equal(32, Marshal.SizeOf<InfoMessage>());
        Assert.Equal(24, Marshal.SizeOf<HotRemoveRequest>());
        Assert.Equal(24, Marshal.SizeOf<HotRemoveResponse>());
    }

    [Theory]
    [InlineData(typeof(BalloonHeader), nameof(BalloonHeader.Type), 0)]
    [InlineData(typeof(BalloonHeader), nameof(BalloonHeader.Length), 2)]
    [InlineData(typeof(BalloonHeader), nameof(BalloonHeader.TransactionId), 4)]
    [InlineData(typeof(VersionRequest), nameof(VersionRequest.Version), 8)]
    [InlineData(typeof(VersionRequest), nameof(VersionRequest.Flags), 12)]
    [InlineData(typeof(VersionResponse), nameof(VersionResponse.Flags), 8)]
    [InlineData(typeof(CapabilitiesReport), nameof(CapabilitiesReport.Capabilities), 8)]
    [InlineData(typeof(CapabilitiesReport), nameof(CapabilitiesReport.MinimumPages), 16)]
    [InlineData(typeof(CapabilitiesReport), nameof(CapabilitiesReport.MaximumPage), 24)]
    [InlineData(typeof(CapabilitiesResponse), nameof(CapabilitiesResponse.Flags), 8)]
    [InlineData(typeof(StatusReport), nameof(StatusReport.Available), 8)]
    [InlineData(typeof(StatusReport), nameof(StatusReport.Committed), 16)]
    [InlineData(typeof(StatusReport), nameof(StatusReport.PageFileSize), 24)]
    [InlineData(typeof(StatusReport), nameof(StatusReport.ZeroAndFree), 32)]
    [InlineData(typeof(StatusReport), nameof(StatusReport.PageFileWrites), 40)]
    [InlineData(typeof(StatusReport), nameof(StatusReport.IoDifference), 44)]
    [InlineData(typeof(BalloonRequest), nameof(BalloonRequest.PageCount), 8)]
    [InlineData(typeof(BalloonResponse), nameof(BalloonResponse.Ranges), 12)]
    [InlineData(typeof(UnballoonRequest), nameof(UnballoonRequest.Flags), 8)]
    [InlineData(typeof(UnballoonRequest), nameof(UnballoonRequest.RangeCount), 12)]
    [InlineData(typeof(HotAddRequest), nameof(HotAddRequest.Range), 8)]
    [InlineData(typeof(HotAddRegionRequest), nameof(HotAddRegionRequest.Region), 16)]
    [InlineData(typeof(HotAddResponse), nameof(HotAddResponse.PageCount), 8)]
    [InlineData(typeof(HotAddResponse), nameof(HotAddResponse.Result), 12)]
    [InlineData(typeof(InfoMessage), nameof(InfoMessage.InfoSize), 12)]
    [InlineData(typeof(InfoMessage), nameof(InfoMessage.Kind), 16)]
    [InlineData(typeof(InfoMessage), nameof(InfoMessage.ValueSize), 20)]
    [InlineData(typeof(InfoMessage), nameof(InfoMessage.Value), 24)]
    [InlineData(typeof(HotRemoveRequest), nameof(HotRemoveRequest.PageCount), 12)]
    [InlineData(typeof(HotRemoveRequest), nameof(HotRemoveRequest.Quality), 16)]
    [InlineData(typeof(HotRemoveResponse), nameof(HotRemoveResponse.Result), 8)]
    [InlineData(typeof(HotRemoveResponse), nameof(HotRemoveResponse.RangeCount), 12)]
    [InlineData(typeof(HotRemoveResponse), nameof(HotRemoveResponse.Flags), 16)]
    public void Fields_are_at_their_places(Type type, string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf(type, field));

    [Fact]
    public void Types_and_versions_have_their_numbers()
    {
        Assert.Equal(
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
            new[]
            {
                BalloonMessageType.Error, BalloonMessageType.VersionRequest, BalloonMessageType.VersionResponse, BalloonMessageType.CapabilitiesReport,
                BalloonMessageType.CapabilitiesResponse, BalloonMessageType.StatusReport, BalloonMessageType.BalloonRequest,
                BalloonMessageType.BalloonResponse, BalloonMessageType.UnballoonRequest, BalloonMessageType.UnballoonResponse,
                BalloonMessageType.HotAddRequest, BalloonMessageType.HotAddResponse, BalloonMessageType.InfoMessage,
                BalloonMessageType.HotRemoveRequest, BalloonMessageType.HotRemoveResponse,
            }.Select(type => (int)type));
        Assert.Equal([0x20000u, 0x10000u, 3u], BalloonVersion.All.Select(version => version.Value));
        Assert.Equal("2.0 1.0 0.3", string.Join(' ', BalloonVersion.All));
    }

    [Fact]
    public void A_range_packs_40_bits_of_place_and_24_of_count()
    {
        var range = new WirePageRange(0x12_3456_789A, 0xBC_DEF0);
        Assert.Equal(0xBCDE_F012_3456_789A, MemoryMarshal.Cast<WirePageRange, ulong>([range])[0]);
        Assert.Equal(0x12_3456_789Aul, range.First);
        Assert.Equal(0xBC_DEF0ul, range.Count);
    }
}
