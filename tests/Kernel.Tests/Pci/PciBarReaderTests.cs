using GuestOS.Kernel.Pci;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Tests.Pci;

public sealed class PciBarReaderTests
{
    [Fact]
    public void A_64_bit_register_takes_two_and_keeps_its_address()
    {
        FakePciFunction function = new FakePciFunction(1, 1, 1, 8).WithMemoryBar64(0, 0x38_0000_0000, 0x2_0000_0000).WithPortBar(2, 0xE000, 64);
        byte[] before = [.. function.Bytes];
        PciBar[] bars = Read(function);
        Assert.Equal(new PciBar(0, RegisterSpace.Memory, 0x38_0000_0000, 0x2_0000_0000, true, false), bars[0]);
        Assert.Equal(0ul, bars[1].Length);
        Assert.Equal(64ul, bars[2].Length);
        Assert.Equal(before, function.Bytes);
    }

    [Fact]
    public void Decoding_is_off_while_sizing_and_on_again_after()
    {
        FakePciFunction function = new FakePciFunction(1, 1, 2, 0).WithMemoryBar(0, 0xF000_0000, 4096).With(4, 7, 2);
        Read(function);
        Assert.NotEmpty(function.CommandsWhileSizing);
        Assert.All(function.CommandsWhileSizing, command => Assert.Equal(4, command));
        Assert.Equal(7, function.Command);
    }

    [Fact]
    public void A_host_bridge_keeps_decoding()
    {
        FakePciFunction function = new FakePciFunction(1, 1, 6, 0).WithMemoryBar(0, 0xF000_0000, 4096).With(4, 7, 2);
        PciBarReader.Read(Configuration(function), 6, mayDisableDecode: false);
        Assert.All(function.CommandsWhileSizing, command => Assert.Equal(7, command));
    }

    [Fact]
    public void A_64_bit_register_at_the_last_place_is_taken_as_32_bit()
    {
        FakePciFunction function = new FakePciFunction(1, 1, 2, 0).WithMemoryBar(5, 0xF000_0004, 4096);
        PciBar[] bars = Read(function);
        Assert.False(bars[5].Is64Bit);
    }

    private static PciBar[] Read(FakePciFunction function) => PciBarReader.Read(Configuration(function), 6, mayDisableDecode: true);

    private static PciFunctionConfiguration Configuration(FakePciFunction function)
    {
        var pci = new FakePci();
        pci.Add(0, 3, 0, function);
        return new PciFunctionConfiguration(pci, new PciAddress(0, 0, 3, 0));
    }
}
