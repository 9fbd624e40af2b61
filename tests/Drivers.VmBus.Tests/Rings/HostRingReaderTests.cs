using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Rings;

/// <summary>The simulated host is as strict as real ones: what a driver does wrong must not pass.</summary>
public sealed class HostRingReaderTests
{
    [Fact]
    public void A_guest_that_touches_the_hosts_mask_is_found_out()
    {
        using var rings = new RingPair();
        rings.Writer.TryWriteInBand([1], default, 1, PacketFlags.None, out _);
        rings.Outbound.Mask = 1;
        Assert.Null(rings.HostReader.TryRead(out _));
        Assert.Contains("mask", rings.HostReader.Violation, StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_other_than_bit_0_are_found_out()
    {
        using var rings = new RingPair();
        rings.Writer.TryWriteInBand([1], default, 1, (PacketFlags)2, out _);
        Assert.Null(rings.HostReader.TryRead(out _));
        Assert.Contains("flags", rings.HostReader.Violation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_footer_is_found_out()
    {
        using var rings = new RingPair();
        rings.Writer.TryWriteInBand([1], default, 1, PacketFlags.None, out _);
        rings.OutboundData[28] = 8;
        Assert.Null(rings.HostReader.TryRead(out _));
        Assert.Equal("footer", rings.HostReader.Violation);
    }
}
