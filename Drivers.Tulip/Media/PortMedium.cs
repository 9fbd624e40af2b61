using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>
/// The chip's own ports: the 21140's SYM or serial port with a link bit on the general purpose port, the 21143's SYM port and its serial
/// transceiver (SIA) with link bits in CSR12. With several media the next one is tried while the present one has no link.
/// </summary>
internal sealed class PortMedium : IMedium
{
    /// <summary>CSR12 of the 21143: no link pulses at 100 Mbit/s; none at 10 (21143 hardware reference 3.2.2.14).</summary>
    private const uint NoHundredLink = 1 << 1;
    private const uint NoTenLink = 1 << 2;

    /// <summary>Looks without a link before the next medium is tried.</summary>
    private const int Patience = 4;

    private readonly ChipRegisters _registers;
    private readonly GeneralPurposePort _port;
    private readonly IReadOnlyList<MediaBlock> _media;
    private readonly bool _senses;
    private int _current;
    private int _misses;

    /// <param name="registers">The chip.</param>
    /// <param name="port">General purpose port.</param>
    /// <param name="media">At least one block of kind 0, 2 or 4, the preferred one first.</param>
    /// <param name="senses">Others than the first one may be tried.</param>
    public PortMedium(ChipRegisters registers, GeneralPurposePort port, IReadOnlyList<MediaBlock> media, bool senses)
    {
        _registers = registers;
        _port = port;
        _media = media;
        _senses = senses && media.Count > 1;
    }

    public string Name => Current.Medium.ToString();

    private MediaBlock Current => _media[_current];

    private bool IsHundred => Current.Medium is MediumCode.HundredBaseTx or MediumCode.HundredBaseTxFullDuplex or MediumCode.HundredBaseT4
        or MediumCode.HundredBaseFx or MediumCode.HundredBaseFxFullDuplex;

    private bool IsFullDuplex => Current.Medium is MediumCode.TenBaseTFullDuplex or MediumCode.HundredBaseTxFullDuplex or MediumCode.HundredBaseFxFullDuplex;

    private uint ModeBits => (Current.Kind == MediaBlockKind.Sia ? OperationMode.TenMegabit : OperationMode.FromCommand(Current.Command))
        | (IsFullDuplex ? OperationMode.FullDuplex : 0)
        | (IsHundred ? OperationMode.HeartbeatDisable : 0);

    public void Select() => Restore();

    public void Restore()
    {
        _port.SetDirection();
        switch (Current.Kind)
        {
            case MediaBlockKind.Sia:
                var (csr13, csr14, csr15) = Current.Sia ?? UsualSia(Current.Medium);

                // The transceiver is reset while it is set up (21143 hardware reference 3.2.2.15).
                _registers.Write(Csr.SiaConnectivity, 0);
                _port.SiaGeneral = csr15;
                _port.Play(Current.GeneralPurpose);
                _registers.Write(Csr.SiaTransmitReceive, csr14);
                _registers.Write(Csr.SiaConnectivity, csr13);
                break;
            case MediaBlockKind.Sym:
                _registers.Write(Csr.SiaConnectivity, 0);
                _registers.Write(Csr.SiaTransmitReceive, 0);
                _port.SiaGeneral = 0;
                _port.Play(Current.GeneralPurpose);
                break;
            default:
                _port.Play(Current.GeneralPurpose);
                break;
        }
    }

    public MediumState Poll()
    {
        var isUp = HasLink();
        if (isUp)
        {
            _misses = 0;
        }
        else if (_senses && ++_misses >= Patience)
        {
            _misses = 0;
            _current = (_current + 1) % _media.Count;
            Select();
        }

        return new MediumState(isUp ? new LinkStatus(true, IsHundred ? 100 : 10, IsFullDuplex) : LinkStatus.Down, ModeBits);
    }

    /// <summary>Values of CSR13, CSR14 and CSR15 (21143 hardware reference, table 3-66).</summary>
    private static (ushort Csr13, ushort Csr14, ushort Csr15) UsualSia(MediumCode medium) => medium switch
    {
        MediumCode.TenBase2 => (0x0009, 0x0705, 0x0006),
        MediumCode.Aui => (0x0009, 0x0705, 0x000E),
        MediumCode.TenBaseTFullDuplex => (0x0001, 0x7F3D, 0x0008),
        _ => (0x0001, 0x7F3F, 0x0008),
    };

    private bool HasLink()
    {
        if (Current.Kind == MediaBlockKind.GeneralPurpose)
            return !Current.HasSense || _port.Read(Current.SensePin) != Current.SenseIsInverted;

        // Coaxial media have no link to see.
        if (Current.Medium is MediumCode.TenBase2 or MediumCode.Aui)
            return true;
        var status = _registers.Read(Csr.GeneralPurposeOrSiaStatus);
        return (status & (IsHundred ? NoHundredLink : NoTenLink)) == 0;
    }
}
