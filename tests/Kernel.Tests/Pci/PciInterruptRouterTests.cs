using GuestOS.Kernel.Core;
using GuestOS.Kernel.Pci;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Tests.Pci;

public sealed class PciInterruptRouterTests : IDisposable
{
    private const InterruptFlags Line = InterruptFlags.Level | InterruptFlags.ActiveLow;

    private readonly FakePci _pci = new();
    private readonly RecordingLog _log = new();
    private readonly FakePhysicalMemory _memory = new();
    private FakePorts? _ports;

    [Theory]
    [InlineData(11, Line | InterruptFlags.Isa)]
    [InlineData(20, Line)]
    public void The_line_that_firmware_left_is_used(byte line, InterruptFlags flags)
    {
        _pci.Add(0, 3, 0, new FakePciFunction(1, 1, 2, 0).With(0x3C, line, 1).With(0x3D, 1, 1));
        Assert.Equal(new PciInterruptRoute(line, flags), Route("00:03.0"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xFF)]
    public void Without_it_the_router_of_the_piix_is_read(byte line)
    {
        _pci.Add(0, 1, 0, new FakePciFunction(0x8086, 0x7000, 6, 1).With(0x60, 0x050A_090B, 4));
        _pci.Add(0, 3, 0, new FakePciFunction(1, 1, 2, 0).With(0x3C, line, 1).With(0x3D, 1, 1));

        // Slot 3 INTA# is PIRQC#: (0 + 3 - 1) & 3 = 2.
        Assert.Equal(new PciInterruptRoute(0x0A, Line | InterruptFlags.Isa), Route("00:03.0"));
    }

    [Fact]
    public void An_unset_route_is_set_and_made_level_triggered()
    {
        FakePciFunction bridge = _pci.Add(0, 1, 0, new FakePciFunction(0x8086, 0x7110, 6, 1).With(0x60, 0x8080_8080, 4));
        _pci.Add(0, 4, 0, new FakePciFunction(1, 1, 2, 0).With(0x3D, 1, 1));
        PciInterruptRoute route = Route("00:04.0");
        Assert.Equal(11, route.Number);
        Assert.Equal(11, bridge.Bytes[0x63]);
        Assert.Equal(1 << 3, _ports!.Bytes[0x4D1]);
    }

    [Fact]
    public void Behind_a_bridge_the_pins_rotate()
    {
        _pci.Add(0, 1, 0, new FakePciFunction(0x8086, 0x7000, 6, 1).With(0x60, 0x0C0B_0A09, 4));
        _pci.Add(0, 5, 0, new FakePciFunction(1, 1, 6, 4, header: 1).WithBridge(0, 1, 1));
        _pci.Add(1, 6, 0, new FakePciFunction(1, 1, 2, 0).With(0x3D, 1, 1));

        // INTA# of device 6 is INTC# of the bridge; slot 5 INTC# is PIRQC#: (2 + 5 - 1) & 3 = 2.
        Assert.Equal(0x0B, Route("01:06.0").Number);
    }

    [Fact]
    public void The_ich9_routes_slots_and_its_own_devices()
    {
        _memory.Add(0xFED1_C000, 0x4000)[0x3140] = 0x43; // D31IR: INTA# to PIRQD#, INTB# to PIRQE#
        _pci.Add(0, 31, 0, new FakePciFunction(0x8086, 0x2918, 6, 1, header: 0x80)
            .With(0x60, 0x0B0A_0B0A, 4).With(0x68, 0x0909_0605, 4).With(0xF0, 0xFED1_C001, 4));
        _pci.Add(0, 31, 3, new FakePciFunction(0x8086, 0x2930, 12, 5).With(0x3D, 2, 1));
        _pci.Add(0, 2, 0, new FakePciFunction(1, 1, 2, 0).With(0x3D, 1, 1));
        Assert.Equal(0x05, Route("00:1f.3").Number); // PIRQE#
        Assert.Equal(0x09, Route("00:02.0").Number); // PIRQG#
    }

    [Fact]
    public void Without_a_pin_or_a_router_the_reason_is_told()
    {
        _pci.Add(0, 3, 0, new FakePciFunction(1, 1, 2, 0));
        _pci.Add(0, 4, 0, new FakePciFunction(1, 1, 2, 0).With(0x3D, 2, 1));
        Assert.False(TryRoute("00:03.0", out _, out string error));
        Assert.Contains("no interrupt pin", error, StringComparison.Ordinal);
        Assert.False(TryRoute("00:04.0", out _, out error));
        Assert.Contains("INTB#", error, StringComparison.Ordinal);
    }

    public void Dispose() => _memory.Dispose();

    private PciInterruptRoute Route(string location)
    {
        Assert.True(TryRoute(location, out PciInterruptRoute route, out string error), error);
        return route;
    }

    private bool TryRoute(string location, out PciInterruptRoute route, out string error)
    {
        _ports ??= new FakePorts(_pci);
        PciTopology topology = PciEnumerator.Enumerate(_pci, _log);
        var router = new PciInterruptRouter(topology, _ports, _memory, _log);
        return router.TryRoute(topology.Devices.Single(device => device.Location == location), out route, out error);
    }
}
