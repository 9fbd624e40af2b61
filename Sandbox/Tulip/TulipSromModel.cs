using System.Buffers.Binary;

namespace GuestOS.Sandbox.Tulip;

/// <summary>A MICROWIRE serial ROM (93C46, 93C66) at the level of its wires; writing is not modelled. Takes bits at the clock's rising edge.</summary>
public sealed class TulipSromModel
{
    private readonly byte[] _content;
    private readonly int _addressBits;
    private readonly TulipFaults _faults;
    private bool _select;
    private bool _clock;
    private int _bits;
    private uint _command;
    private uint _shift;
    private bool _isReading;

    /// <param name="content">128 bytes.</param>
    /// <param name="addressBits">6 or 8.</param>
    /// <param name="faults">What it does wrong.</param>
    public TulipSromModel(byte[] content, int addressBits, TulipFaults faults)
    {
        _content = content;
        _addressBits = addressBits;
        _faults = faults;
    }

    /// <summary>The data wire from the ROM; nobody drives it, and it floats high, unless the ROM answers.</summary>
    public bool Output { get; private set; } = true;

    /// <summary>Words that were read.</summary>
    public int WordsRead { get; private set; }

    /// <summary>The wires to the ROM change.</summary>
    public void Set(bool select, bool clock, bool data)
    {
        if (!select || !_select)
        {
            _bits = 0;
            _command = 0;
            _isReading = false;
            Output = true;
        }
        else if (clock && !_clock)
        {
            Rise(data);
        }

        _select = select;
        _clock = clock;
    }

    private void Rise(bool data)
    {
        if (_faults.SromIsSilent)
            return;
        if (_isReading)
        {
            Output = (_shift & 0x8000) != 0;
            _shift <<= 1;
            return;
        }

        // Nothing counts before the start bit.
        if (_bits == 0 && !data)
            return;
        _command = (_command << 1) | (data ? 1u : 0);
        if (++_bits != 3 + _addressBits)
            return;
        if (_command >> _addressBits != 0b110)
            return;
        _isReading = true;
        Output = false;
        var word = (int)(_command & 63);
        _shift = BinaryPrimitives.ReadUInt16LittleEndian(_content.AsSpan(word * 2));
        WordsRead++;
        if (_faults.SromBitErrors > 0 && word == 63)
        {
            _faults.SromBitErrors--;
            _shift ^= 4;
        }
    }
}
