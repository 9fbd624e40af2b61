namespace GuestOS.Sandbox.Tulip;

/// <summary>A PHY at the level of the MII's management wires (IEEE 802.3, 22.2.4), with the registers that matter.</summary>
public sealed class TulipPhyModel
{
    private const ushort AutoNegotiate = 0x1000;
    private readonly int? _address;
    private readonly ushort[] _registers = new ushort[32];
    private bool _clock;
    private int _ones;
    private int _bits;
    private uint _frame;
    private uint _output;
    private bool _linkWasLost;
    private bool _linkIsUp = true;

    /// <param name="address">0 to 31; null when there is none.</param>
    public TulipPhyModel(int? address)
    {
        _address = address;
        _registers[0] = AutoNegotiate | 0x2100;
        _registers[1] = 0x7829;
        _registers[2] = 0x0181;
        _registers[3] = 0xB881;
        _registers[4] = 0x01E1;
        _registers[5] = 0x41E1;
    }

    /// <summary>The wire from the PHY; floats high.</summary>
    public bool Output { get; private set; } = true;

    /// <summary>Cable in or out.</summary>
    public bool LinkIsUp
    {
        get => _linkIsUp;
        set
        {
            _linkWasLost |= !value;
            _linkIsUp = value;
        }
    }

    /// <summary>What the other end offers (register 5).</summary>
    public ushort PartnerAbility
    {
        get => _registers[5];
        set => _registers[5] = value;
    }

    /// <summary>Its registers, for tests.</summary>
    public Span<ushort> Registers => _registers;

    /// <summary>What was done wrong on the wires.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>The wires to the PHY change.</summary>
    public void Set(bool clock, bool data, bool isRead)
    {
        if (clock && !_clock && _address is not null)
            Rise(data && !isRead, isRead);
        _clock = clock;
    }

    private void Rise(bool data, bool isRead)
    {
        if (_bits == 0)
        {
            _ones = data ? _ones + 1 : 0;
            if (data || isRead)
                return;

            // The start: a zero after the preamble.
            _bits = 1;
            _frame = 0;
            return;
        }

        _frame = (_frame << 1) | (data ? 1u : 0);
        _bits++;
        var isReadCommand = _bits > 4 && ((_frame >> (_bits - 4)) & 3) == 2;
        if (_bits == 14 && isReadCommand)
            _output = IsMine((_frame >> 5) & 31) ? ReadRegister((int)(_frame & 31)) : 0xFFFFu;
        if (_bits >= 15 && isReadCommand)
        {
            if (!isRead)
                Violations.Add("the driver drives the wire in a read");
            Output = _bits == 15 ? !IsMine((_frame >> 6) & 31) : ((_output >> (31 - _bits)) & 1) != 0;
        }

        if (_bits != 32)
            return;
        if (!isReadCommand && IsMine((_frame >> 23) & 31))
            WriteRegister((int)((_frame >> 18) & 31), (ushort)_frame);
        _bits = 0;
        Output = true;
    }

    private bool IsMine(uint address) => address == _address;

    private ushort ReadRegister(int register)
    {
        if (register != 1)
            return _registers[register];
        var negotiates = (_registers[0] & AutoNegotiate) != 0;
        var value = (ushort)(_registers[1] & ~0x24);
        if (_linkIsUp && !_linkWasLost)
            value |= (ushort)(negotiates ? 0x24 : 0x04);
        _linkWasLost = !_linkIsUp;
        return value;
    }

    private void WriteRegister(int register, ushort value)
    {
        // Restart and reset clear themselves.
        if (register == 0)
            _registers[0] = (ushort)(value & ~0x8200);
        else if (register == 4)
            _registers[4] = value;
    }
}
