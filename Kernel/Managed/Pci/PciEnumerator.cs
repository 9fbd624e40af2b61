using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>Finds all functions, through the bridges as firmware has numbered them.</summary>
internal sealed class PciEnumerator
{
    private const int DevicesOnBus = 32;
    private const int FunctionsOfDevice = 8;

    private readonly IPciAccess _access;
    private readonly ILog _log;
    private readonly PciTopology _topology = new();
    private readonly HashSet<byte> _visited = [];

    private PciEnumerator(IPciAccess access, ILog log)
    {
        _access = access;
        _log = log;
    }

    /// <summary>Enumerates segment 0.</summary>
    public static PciTopology Enumerate(IPciAccess access, ILog log)
    {
        var enumerator = new PciEnumerator(access, log);
        enumerator.ScanRoots();
        return enumerator._topology;
    }

    private void ScanRoots()
    {
        // Several host bridges in one chip are functions of 00:00; function n then leads to root bus n.
        var hostBridge = new PciAddress(0, 0, 0, 0);
        bool hasSeveral = IsPresent(hostBridge) && IsMultifunction(hostBridge);
        ScanBus(0);
        for (byte function = 1; hasSeveral && function < FunctionsOfDevice; function++)
        {
            PciAddress address = hostBridge with { Function = function };
            if (IsPresent(address)
                && _access.Read8(address, PciRegisters.ClassCode) == PciRegisters.ClassBridge
                && _access.Read8(address, PciRegisters.Subclass) == PciRegisters.SubclassHostBridge)
            {
                ScanBus(function);
            }
        }
    }

    private void ScanBus(byte bus)
    {
        if (!_visited.Add(bus))
            return;
        for (byte device = 0; device < DevicesOnBus; device++)
        {
            var first = new PciAddress(0, bus, device, 0);
            if (!IsPresent(first))
                continue;
            int functions = IsMultifunction(first) ? FunctionsOfDevice : 1;
            for (byte function = 0; function < functions; function++)
            {
                PciAddress address = first with { Function = function };
                if (IsPresent(address))
                    AddFunction(address);
            }
        }
    }

    private void AddFunction(PciAddress address)
    {
        var configuration = new PciFunctionConfiguration(_access, address);
        byte header = (byte)(configuration.Read8(PciRegisters.HeaderType) & PciRegisters.HeaderTypeMask);
        byte classCode = configuration.Read8(PciRegisters.ClassCode);
        byte subclass = configuration.Read8(PciRegisters.Subclass);
        bool isHostBridge = classCode == PciRegisters.ClassBridge && subclass == PciRegisters.SubclassHostBridge;
        int bars = header switch
        {
            PciRegisters.HeaderDevice => 6,
            PciRegisters.HeaderBridge => 2,
            _ => 0,
        };

        _topology.Add(new PciDevice
        {
            Address = address,
            VendorId = configuration.Read16(PciRegisters.VendorId),
            DeviceId = configuration.Read16(PciRegisters.DeviceId),
            Revision = configuration.Read8(PciRegisters.Revision),
            ClassCode = classCode,
            Subclass = subclass,
            ProgrammingInterface = configuration.Read8(PciRegisters.ProgrammingInterface),
            SubsystemVendorId = header == PciRegisters.HeaderDevice ? configuration.Read16(PciRegisters.SubsystemVendorId) : (ushort)0,
            SubsystemId = header == PciRegisters.HeaderDevice ? configuration.Read16(PciRegisters.SubsystemId) : (ushort)0,
            InterruptPin = configuration.Read8(PciRegisters.InterruptPin),
            Bars = PciBarReader.Read(configuration, bars, mayDisableDecode: !isHostBridge),
            Configuration = configuration,
        });

        if (header == PciRegisters.HeaderBridge)
            ScanBehind(address, configuration);
    }

    private void ScanBehind(PciAddress bridge, PciFunctionConfiguration configuration)
    {
        byte secondary = configuration.Read8(PciRegisters.SecondaryBus);
        byte subordinate = configuration.Read8(PciRegisters.SubordinateBus);
        if (secondary <= bridge.Bus || subordinate < secondary || _visited.Contains(secondary) || !_topology.TryAddBus(0, secondary, bridge))
        {
            _log.Warning($"PCI: bridge {bridge} leads to buses {secondary:x2} to {subordinate:x2}, which cannot be; what is behind it is not used.");
            return;
        }

        ScanBus(secondary);
    }

    private bool IsPresent(PciAddress address) => _access.Read16(address, PciRegisters.VendorId) is not (PciRegisters.NoVendor or 0);

    private bool IsMultifunction(PciAddress address) =>
        (_access.Read8(address, PciRegisters.HeaderType) & PciRegisters.HeaderMultifunction) != 0;
}
