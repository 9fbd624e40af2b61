using GuestOS.Machine;

namespace GuestOS.Drivers.Tulip;

/// <summary>One chip's registers, through ports or memory.</summary>
internal sealed class ChipRegisters
{
    /// <summary>Bytes of the window (21140A hardware reference 3.1.3.5 and 3.1.3.6).</summary>
    public const int Length = 128;

    /// <summary>
    /// So many reads take longer than 50 PCI clocks, the time that a software reset takes (CSR0 bit 0): a read takes four clocks at least.
    /// </summary>
    private const int ReadsForReset = 32;

    private readonly IRegisterWindow _window;

    public ChipRegisters(IRegisterWindow window) => _window = window;

    public ChipStatus Status => (ChipStatus)_window.Read32((int)Csr.Status);

    public uint Read(Csr register) => _window.Read32((int)register);

    public void Write(Csr register, uint value) => _window.Write32((int)register, value);

    /// <summary>Resets the chip; it then is stopped, with no lists and no interrupts.</summary>
    public void Reset(uint portSelect)
    {
        // The port is chosen before the reset, which takes the clocks from it (21140A hardware reference, CSR6 bit 18).
        Write(Csr.OperationMode, portSelect);
        Write(Csr.BusMode, BusMode.SoftwareReset);
        Wait();
        Write(Csr.BusMode, BusMode.Normal);
        Wait();
    }

    private void Wait()
    {
        for (var i = 0; i < ReadsForReset; i++)
            _ = _window.Read32((int)Csr.BusMode);
    }
}
