using System.Diagnostics.CodeAnalysis;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Pci;

/// <summary>Message-signalled interrupts of one function, with one vector (PCI Local Bus 3.0 section 6.8.1).</summary>
internal sealed class MsiCapability
{
    private const int Control = 2;
    private const int AddressLow = 4;
    private const int AddressHigh = 8;
    private const int Data32 = 8;
    private const int Data64 = 12;
    private const ushort ControlEnable = 1 << 0;
    private const ushort ControlMultipleEnable = 7 << 4;
    private const ushort Control64Bit = 1 << 7;

    private readonly IPciConfiguration _configuration;
    private readonly int _offset;
    private readonly bool _is64Bit;

    private MsiCapability(IPciConfiguration configuration, int offset)
    {
        _configuration = configuration;
        _offset = offset;
        _is64Bit = (configuration.Read16(offset + Control) & Control64Bit) != 0;
    }

    /// <summary>Finds the capability, if the function has it whole.</summary>
    public static bool TryFind(IPciConfiguration configuration, [NotNullWhen(true)] out MsiCapability? msi)
    {
        msi = null;
        if (!PciCapabilities.TryFind(configuration, PciRegisters.CapabilityMsi, out PciCapability entry) || entry.Offset > 0x100 - 16)
            return false;
        msi = new MsiCapability(configuration, entry.Offset);
        return true;
    }

    /// <summary>Whether the function can write to this address.</summary>
    public bool Reaches(ulong address) => _is64Bit || address <= uint.MaxValue;

    /// <summary>Lets the function send the message instead of asserting its INTx# line.</summary>
    public void Enable(ulong address, uint data)
    {
        ushort control = (ushort)(_configuration.Read16(_offset + Control) & ~(ControlEnable | ControlMultipleEnable));
        _configuration.Write16(_offset + Control, control);
        _configuration.Write32(_offset + AddressLow, (uint)address);
        if (_is64Bit)
            _configuration.Write32(_offset + AddressHigh, (uint)(address >> 32));
        _configuration.Write16(_offset + (_is64Bit ? Data64 : Data32), (ushort)data);
        SetLineDisabled(true);
        _configuration.Write16(_offset + Control, (ushort)(control | ControlEnable));
    }

    /// <summary>Undoes <see cref="Enable"/>; the line stays disabled.</summary>
    public void Disable() =>
        _configuration.Write16(_offset + Control, (ushort)(_configuration.Read16(_offset + Control) & ~ControlEnable));

    private void SetLineDisabled(bool isDisabled)
    {
        ushort command = _configuration.Read16(PciRegisters.Command);
        _configuration.Write16(PciRegisters.Command, (ushort)(isDisabled
            ? command | PciRegisters.CommandInterruptDisable
            : command & ~PciRegisters.CommandInterruptDisable));
    }
}
