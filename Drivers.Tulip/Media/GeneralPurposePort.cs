namespace GuestOS.Drivers.Tulip;

/// <summary>
/// The pins by which a board chooses its media: CSR12 of the 21140 (bit 8 set writes the direction), the high half of CSR15 of the 21143
/// (bit 11 of it, GCE, makes it the direction).
/// </summary>
internal sealed class GeneralPurposePort
{
    private const uint DirectionOf21140 = 0x100;

    private readonly ChipRegisters _registers;
    private readonly ChipKind _chip;
    private readonly byte _direction;

    public GeneralPurposePort(ChipRegisters registers, ChipKind chip, byte direction)
    {
        _registers = registers;
        _chip = chip;
        _direction = direction;
    }

    /// <summary>SIA bits of CSR15 (21143), which go with every write of the port.</summary>
    public ushort SiaGeneral { get; set; }

    /// <summary>Makes the output pins outputs (21140).</summary>
    public void SetDirection()
    {
        if (_chip == ChipKind.Dec21140)
            _registers.Write(Csr.GeneralPurposeOrSiaStatus, DirectionOf21140 | _direction);
    }

    /// <summary>Writes values in turn.</summary>
    public void Play(IReadOnlyList<ushort> values)
    {
        foreach (var value in values)
        {
            if (_chip == ChipKind.Dec21140)
                _registers.Write(Csr.GeneralPurposeOrSiaStatus, (byte)value);
            else
                _registers.Write(Csr.SiaGeneral, ((uint)value << 16) | SiaGeneral);
        }
    }

    /// <summary>A pin of the 21140.</summary>
    public bool Read(int pin) => ((_registers.Read(Csr.GeneralPurposeOrSiaStatus) >> pin) & 1) != 0;
}
