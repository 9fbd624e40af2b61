namespace GuestOS.Drivers.Tulip;

/// <summary>
/// The MII's management port (IEEE 802.3, 22.2.4.5), bit by bit through CSR9. One access at a time: callers hold the lock of the media.
/// </summary>
internal sealed class MiiBus
{
    private const int PreambleBits = 32;

    /// <summary>Start 01, read 10; then five bits of PHY and five of register.</summary>
    private const uint ReadCommand = 0b0110 << 10;

    /// <summary>Start 01, write 01, ...; then a turnaround of 10 and 16 bits of data.</summary>
    private const uint WriteCommand = 0b0101u << 28;
    private const uint WriteTurnaround = 0b10 << 16;

    /// <summary>The clock's period is 400 ns at least (22.2.2.11). An access that takes half of it needs no pause.</summary>
    private const double HalfPeriodNanoseconds = 200;

    private readonly ChipRegisters _registers;
    private bool _needsPause = true;

    public MiiBus(ChipRegisters registers) => _registers = registers;

    /// <summary>PHYs get no preamble any more: the one that is there needs none.</summary>
    public bool SkipsPreamble { get; set; }

    /// <summary>Finds whether register accesses are slow enough to be the clock by themselves, as they are where each traps into a host.</summary>
    public void Calibrate(TimeProvider clock)
    {
        const int Reads = 16;
        var start = clock.GetTimestamp();
        for (var i = 0; i < Reads; i++)
            _ = _registers.Read(Csr.SerialRomAndMii);
        _needsPause = clock.GetElapsedTime(start).TotalNanoseconds < HalfPeriodNanoseconds * Reads;
    }

    /// <summary>
    /// Reads a register. All ones, or all zeros, where no PHY answers. QEMU's model has the highest bit always zero and drives nothing in the
    /// turnaround, so that neither is looked at to find out whether a PHY is there.
    /// </summary>
    public ushort Read(int phy, int register)
    {
        SendPreamble();
        Send(ReadCommand | ((uint)phy << 5) | (uint)register, 14);

        // The turnaround.
        Receive();
        Receive();
        var value = 0;
        for (var i = 0; i < 16; i++)
            value = (value << 1) | (Receive() ? 1 : 0);
        Idle();
        return (ushort)value;
    }

    /// <summary>Writes a register.</summary>
    public void Write(int phy, int register, ushort value)
    {
        SendPreamble();
        Send(WriteCommand | ((uint)phy << 23) | ((uint)register << 18) | WriteTurnaround | value, 32);
        Idle();
    }

    private void SendPreamble()
    {
        for (var i = 0; i < (SkipsPreamble ? 1 : PreambleBits); i++)
            SendBit(true);
    }

    private void Send(uint bits, int count)
    {
        for (var i = count - 1; i >= 0; i--)
            SendBit(((bits >> i) & 1) != 0);
    }

    private void SendBit(bool bit)
    {
        var value = bit ? SerialBits.MiiDataOut : 0;
        Set(value);
        Set(value | SerialBits.MiiClock);
    }

    private bool Receive()
    {
        Set(SerialBits.MiiRead);
        var bit = (_registers.Read(Csr.SerialRomAndMii) & SerialBits.MiiDataIn) != 0;
        Set(SerialBits.MiiRead | SerialBits.MiiClock);
        return bit;
    }

    /// <summary>Leaves the wire to nobody.</summary>
    private void Idle()
    {
        Set(SerialBits.MiiRead);
        Set(SerialBits.MiiRead | SerialBits.MiiClock);
    }

    private void Set(uint value)
    {
        _registers.Write(Csr.SerialRomAndMii, value);
        if (_needsPause)
            _ = _registers.Read(Csr.SerialRomAndMii);
    }
}
