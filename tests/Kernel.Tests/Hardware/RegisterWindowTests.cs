using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests.Hardware;

public sealed class RegisterWindowTests
{
    private readonly FakePorts _ports = new();

    [Fact]
    public void A_port_window_reaches_its_ports_and_their_neighbours_not()
    {
        var window = new PortWindow(_ports, 0x1F0, 8);
        window.Write8(7, 0xEC);
        window.Write16(0, 0x1234);
        window.Write32(4, 0xA1B2C3D4);

        Assert.Equal(0x1234, window.Read16(0));
        Assert.Equal(0xA1B2C3D4, window.Read32(4));
        Assert.Equal(0xA1, window.Read8(7));
        int accesses = _ports.Accesses.Count;
        foreach (Action access in new Action[]
        {
            () => window.Read8(8),
            () => window.Read8(-1),
            () => window.Read16(7),
            () => window.Read32(5),
            () => window.Write8(int.MaxValue, 0),
            () => window.Write16(int.MinValue, 0),
            () => window.Write32(8, 0),
            () => window.ReadRepeated16(7, new byte[2]),
            () => window.WriteRepeated16(8, new byte[2]),
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(access);
        }

        Assert.Equal(accesses, _ports.Accesses.Count);
    }

    [Fact]
    public void A_window_smaller_than_the_access_refuses_it()
    {
        var window = new PortWindow(_ports, 0x3F6, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => window.Read16(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.Read32(0));
        Assert.Equal(0, window.Read8(0));
    }

    [Fact]
    public void Repeated_transfers_take_whole_words()
    {
        var window = new PortWindow(_ports, 0x1F0, 8);
        _ports.Bytes[0x1F0] = 0x5A;
        var buffer = new byte[512];
        window.ReadRepeated16(0, buffer);
        Assert.All(buffer, value => Assert.Equal(0x5A, value));
        Assert.Throws<ArgumentException>(() => window.ReadRepeated16(0, new byte[3]));
        Assert.Throws<ArgumentException>(() => window.WriteRepeated16(0, new byte[1]));
    }

    [Fact]
    public void A_window_past_the_last_port_cannot_be_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PortWindow(_ports, 0xFFFF, 2));
        Assert.Equal(1, new PortWindow(_ports, 0xFFFF, 1).Length);
    }

    [Fact]
    public void Memory_registers_are_read_and_written_in_place_and_bounded()
    {
        using var memory = new FakePhysicalMemory();
        memory.Add(0xFEB0_0000, 256);
        IRegisterWindow window = memory.MapRegisters(0xFEB0_0010, 16);
        window.Write32(12, 0xDEAD_BEEF);
        Assert.Equal(0xDEAD_BEEF, window.Read32(12));
        Assert.Equal(0xBEEF, window.Read16(12));
        Assert.Equal(0xDE, window.Read8(15));
        Assert.Equal(0xFEB0_0010u, window.BaseAddress);
        Assert.Throws<ArgumentOutOfRangeException>(() => window.Read32(13));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.Write8(16, 0));
        var words = new byte[8];
        window.Write16(0, 0x4142);
        window.ReadRepeated16(0, words);
        Assert.Equal([0x42, 0x41, 0x42, 0x41, 0x42, 0x41, 0x42, 0x41], words);
        window.WriteRepeated16(0, [1, 2, 3, 4]);
        Assert.Equal(0x0403, window.Read16(0));
    }
}
