namespace GuestOS.Kernel.Pci;

/// <summary>Configuration space (PCI Local Bus 3.0 section 6.1, PCI-to-PCI Bridge 1.2 section 3.2).</summary>
internal static class PciRegisters
{
    public const int VendorId = 0x00;
    public const int DeviceId = 0x02;
    public const int Command = 0x04;
    public const int Status = 0x06;
    public const int Revision = 0x08;
    public const int ProgrammingInterface = 0x09;
    public const int Subclass = 0x0A;
    public const int ClassCode = 0x0B;
    public const int HeaderType = 0x0E;
    public const int FirstBar = 0x10;
    public const int SecondaryBus = 0x19;
    public const int SubordinateBus = 0x1A;
    public const int SubsystemVendorId = 0x2C;
    public const int SubsystemId = 0x2E;
    public const int Capabilities = 0x34;
    public const int InterruptLine = 0x3C;
    public const int InterruptPin = 0x3D;

    public const ushort CommandIo = 1 << 0;
    public const ushort CommandMemory = 1 << 1;
    public const ushort CommandBusMaster = 1 << 2;
    public const ushort CommandInterruptDisable = 1 << 10;

    public const ushort StatusHasCapabilities = 1 << 4;

    /// <summary>What an absent function answers.</summary>
    public const ushort NoVendor = 0xFFFF;

    public const byte HeaderTypeMask = 0x7F;
    public const byte HeaderMultifunction = 0x80;
    public const byte HeaderDevice = 0;
    public const byte HeaderBridge = 1;

    public const byte ClassBridge = 0x06;
    public const byte SubclassHostBridge = 0x00;
    public const byte SubclassIsaBridge = 0x01;

    public const byte CapabilityMsi = 0x05;
}
