using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Tulip;

/// <summary>One chip's PCI configuration: whether its registers answer, and whether it reaches memory.</summary>
internal sealed class ChipConfiguration
{
    private const int CommandRegister = 4;

    /// <summary>Decode ports and memory.</summary>
    private const ushort DecodeBits = 0x0003;

    /// <summary>Be bus master.</summary>
    private const ushort MasterBit = 0x0004;

    /// <summary>INTx# off.</summary>
    private const ushort InterruptDisable = 0x0400;

    /// <summary>CFDD, with sleep and snooze in its highest bits (21140A and 21143 hardware references, 3.1.3).</summary>
    private const int DriverAreaRegister = 0x40;
    private const uint SleepBits = 0xC000_0000;

    private readonly IPciConfiguration _configuration;

    public ChipConfiguration(PciDevice device) => _configuration = device.Configuration;

    /// <summary>Registers answer, the chip is awake and may interrupt.</summary>
    public void Wake()
    {
        SetCommand(DecodeBits, InterruptDisable);
        var area = _configuration.Read32(DriverAreaRegister);
        if ((area & SleepBits) != 0)
            _configuration.Write32(DriverAreaRegister, area & ~SleepBits);
    }

    /// <summary>The chip, which has been reset, may read and write memory from now on.</summary>
    public void AllowMemory() => SetCommand(MasterBit, 0);

    /// <summary>
    /// The chip reads and writes no memory any more, whatever its registers say: one that did not hear of its reset, for it answered nobody
    /// then, or does not obey, cannot touch what is given back.
    /// </summary>
    public void ForbidMemory() => SetCommand(0, MasterBit);

    private void SetCommand(ushort on, ushort off)
    {
        var command = _configuration.Read16(CommandRegister);
        var wanted = (ushort)((command & ~off) | on);
        if (wanted != command)
            _configuration.Write16(CommandRegister, wanted);
    }
}
