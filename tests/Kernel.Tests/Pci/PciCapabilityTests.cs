using GuestOS.Kernel.Pci;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Tests.Pci;

public sealed class PciCapabilityTests
{
    private readonly FakePciFunction _function = new FakePciFunction(1, 1, 2, 0).With(6, 0x10, 2);
    private readonly PciFunctionConfiguration _configuration;

    public PciCapabilityTests()
    {
        var pci = new FakePci();
        pci.Add(0, 3, 0, _function);
        _configuration = new PciFunctionConfiguration(pci, new PciAddress(0, 0, 3, 0));
    }

    [Fact]
    public void The_list_is_walked_in_order()
    {
        _function.With(0x34, 0x50, 1).With(0x50, 0x6001, 2).With(0x60, 0x0005, 2);
        Assert.Equal([new(1, 0x50), new(5, 0x60)], PciCapabilities.Read(_configuration));
        Assert.True(PciCapabilities.TryFind(_configuration, 5, out PciCapability msi));
        Assert.Equal(0x60, msi.Offset);
        Assert.False(PciCapabilities.TryFind(_configuration, 0x11, out _));
    }

    [Fact]
    public void Without_the_status_bit_there_is_no_list()
    {
        _function.With(6, 0, 2).With(0x34, 0x50, 1).With(0x50, 0x0005, 2);
        Assert.Empty(PciCapabilities.Read(_configuration));
    }

    [Fact]
    public void A_list_in_circles_ends()
    {
        _function.With(0x34, 0x50, 1).With(0x50, 0x6001, 2).With(0x60, 0x5009, 2);
        Assert.Equal(2, PciCapabilities.Read(_configuration).Count);
    }

    [Fact]
    public void A_pointer_into_the_header_ends_the_list()
    {
        _function.With(0x34, 0x10, 1);
        Assert.Empty(PciCapabilities.Read(_configuration));
    }

    [Fact]
    public void Any_bytes_give_a_list_that_ends()
    {
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            random.NextBytes(_function.Bytes.AsSpan(0x40));
            _function.With(0x34, (uint)random.Next(256), 1);
            Assert.InRange(PciCapabilities.Read(_configuration).Count, 0, 48);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_are_programmed_and_the_line_is_disabled(bool is64Bit)
    {
        _function.With(0x34, 0x50, 1).With(0x50, 0x0005, 2).With(0x52, is64Bit ? 0xF0u : 0x70u, 2);
        Assert.True(MsiCapability.TryFind(_configuration, out MsiCapability? msi));
        msi.Enable(0xFEE0_1000, 0x4051);
        Assert.Equal(0xFEE0_1000u, _function.Read(0x54, 4));
        Assert.Equal(0x4051u, _function.Read(is64Bit ? 0x5C : 0x58, 2));
        Assert.Equal(is64Bit ? 0x81u : 0x01u, _function.Read(0x52, 2)); // enabled, one vector
        Assert.Equal(0x400, _function.Command & 0x400);
        Assert.Equal(is64Bit, msi.Reaches(0x1_FEE0_0000));
        msi.Disable();
        Assert.Equal(0u, _function.Read(0x52, 2) & 1);
    }

    [Fact]
    public void Configuration_accesses_stay_inside_the_function()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _configuration.Read8(256));
        Assert.Throws<ArgumentOutOfRangeException>(() => _configuration.Read32(-4));
        Assert.Throws<ArgumentOutOfRangeException>(() => _configuration.Read32(0x42));
        Assert.Throws<ArgumentOutOfRangeException>(() => _configuration.Write16(0xFF, 0));
    }
}
