using GuestOS.Kernel.Pci;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Tests.Pci;

public sealed class PciEnumeratorTests
{
    private readonly FakePci _pci = new();
    private readonly RecordingLog _log = new();

    [Fact]
    public void All_functions_of_the_pc_machine_are_found_through_the_ports()
    {
        _pci.Add(0, 0, 0, new FakePciFunction(0x8086, 0x1237, 6, 0));
        _pci.Add(0, 1, 0, new FakePciFunction(0x8086, 0x7000, 6, 1, header: 0x80));
        _pci.Add(0, 1, 1, new FakePciFunction(0x8086, 0x7010, 1, 1, 0x80).WithPortBar(4, 0xC040, 16).With(0x2C, 0x11001AF4, 4));
        _pci.Add(0, 1, 3, new FakePciFunction(0x8086, 0x7113, 6, 0x80));
        _pci.Add(0, 2, 0, new FakePciFunction(0x1234, 0x1111, 3, 0).WithMemoryBar(0, 0xFD00_0000, 16 << 20, isPrefetchable: true));
        var access = new PciPortAccess(new FakePorts(_pci));
        Assert.True(access.Probe());

        PciTopology topology = PciEnumerator.Enumerate(access, _log);

        Assert.Equal(["00:00.0", "00:01.0", "00:01.1", "00:01.3", "00:02.0"], topology.Devices.Select(device => device.Location));
        PciDevice ide = topology.Devices[2];
        Assert.Equal("8086:7010 class 010180 rev 00", ide.Description);
        Assert.Equal((0x1AF4, 0x1100), (ide.SubsystemVendorId, ide.SubsystemId));
        Assert.Equal(new PciBar(4, RegisterSpace.Port, 0xC040, 16, false, false), ide.Bars[4]);
        Assert.Equal(0ul, ide.Bars[0].Length);
        Assert.Equal(new PciBar(0, RegisterSpace.Memory, 0xFD00_0000, 16 << 20, false, true), topology.Devices[4].Bars[0]);
    }

    [Fact]
    public void A_function_of_a_device_that_is_not_multifunction_is_not_looked_for()
    {
        _pci.Add(0, 3, 0, new FakePciFunction(0x10EC, 0x8139, 2, 0));
        _pci.Add(0, 3, 5, new FakePciFunction(0x10EC, 0x8139, 2, 0));
        Assert.Single(PciEnumerator.Enumerate(_pci, _log).Devices);
    }

    [Fact]
    public void Bridges_are_followed()
    {
        _pci.Add(0, 0, 0, new FakePciFunction(0x8086, 0x29C0, 6, 0));
        _pci.Add(0, 4, 0, new FakePciFunction(0x1B36, 0x000C, 6, 4, header: 1).WithBridge(0, 1, 2));
        _pci.Add(1, 0, 0, new FakePciFunction(0x1B36, 0x0001, 6, 4, header: 1).WithBridge(1, 2, 2));
        _pci.Add(2, 7, 0, new FakePciFunction(0x1011, 0x0019, 2, 0));
        PciTopology topology = PciEnumerator.Enumerate(_pci, _log);
        Assert.Equal(["00:00.0", "00:04.0", "01:00.0", "02:07.0"], topology.Devices.Select(device => device.Location));
        Assert.True(topology.TryGetBridge(new PciAddress(0, 2, 7, 0), out PciAddress bridge));
        Assert.Equal("01:00.0", bridge.ToString());
    }

    [Theory]
    [InlineData(0, 0)] // to its own bus
    [InlineData(1, 0)] // backwards
    [InlineData(3, 2)] // an empty range
    public void A_bridge_that_leads_in_circles_is_reported_and_ends_the_walk(byte secondary, byte subordinate)
    {
        _pci.Add(0, 4, 0, new FakePciFunction(1, 1, 6, 4, header: 1).WithBridge(0, 1, 1));
        _pci.Add(1, 0, 0, new FakePciFunction(1, 2, 6, 4, header: 1).WithBridge(1, secondary, subordinate));
        PciTopology topology = PciEnumerator.Enumerate(_pci, _log);
        Assert.Equal(2, topology.Devices.Count);
        Assert.True(_log.Has(LogLevel.Warning, "01:00.0"));
    }

    [Fact]
    public void Two_bridges_to_the_same_bus_find_its_devices_once()
    {
        _pci.Add(0, 4, 0, new FakePciFunction(1, 1, 6, 4, header: 1).WithBridge(0, 1, 1));
        _pci.Add(0, 5, 0, new FakePciFunction(1, 1, 6, 4, header: 1).WithBridge(0, 1, 1));
        _pci.Add(1, 0, 0, new FakePciFunction(1, 2, 2, 0));
        Assert.Equal(3, PciEnumerator.Enumerate(_pci, _log).Devices.Count);
    }

    [Fact]
    public void An_empty_machine_is_scanned_quickly()
    {
        Assert.Empty(PciEnumerator.Enumerate(_pci, _log).Devices);
        Assert.InRange(_pci.Reads, 1, 64);
    }

    [Fact]
    public void A_machine_without_pci_is_noticed()
    {
        Assert.False(new PciPortAccess(new FakePorts()).Probe());
        using var memory = new FakePhysicalMemory();
        Assert.Null(PciAccessFactory.Find(new FakePorts(), memory, 0, _log));
    }
}
