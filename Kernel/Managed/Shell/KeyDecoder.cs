using System.Buffers;
using System.Text;

namespace GuestOS.Kernel.Shell;

/// <summary>
/// Makes keys of bytes: UTF-8 text, control characters, and the sequences that VT100-like terminals send (ECMA-48 5.4, xterm
/// "PC-Style Function Keys"). A carriage return followed by a line feed is one Enter. Unknown sequences are dropped.
/// </summary>
internal sealed class KeyDecoder
{
    private const byte Escape = 0x1B;
    private const int LongestSequence = 16;

    private readonly byte[] _utf8 = new byte[4];
    private int _utf8Length;
    private State _state;
    private int _sequenceLength;
    private int _parameter;
    private bool _isAfterReturn;

    private enum State
    {
        Text,
        Escape,
        Control,
        Single,
    }

    /// <summary>Takes one byte; true when it completes a key.</summary>
    public bool TryDecode(byte value, out Key key)
    {
        key = default;
        bool isAfterReturn = _isAfterReturn;
        _isAfterReturn = false;
        switch (_state)
        {
            case State.Escape:
                _state = value switch
                {
                    (byte)'[' => State.Control,
                    (byte)'O' => State.Single,
                    Escape => State.Escape,
                    _ => State.Text,
                };
                _sequenceLength = 0;
                _parameter = 0;
                return false;
            case State.Single:
                _state = State.Text;
                return TryFinal(value, out key);
            case State.Control:
                return TryControl(value, out key);
            default:
                if (value == '\n' && isAfterReturn)
                    return false;
                return TryText(value, out key);
        }
    }

    private static bool Make(KeyKind kind, out Key key)
    {
        key = new Key(kind);
        return true;
    }

    private static bool TryFinal(byte value, out Key key)
    {
        key = default;
        return value switch
        {
            (byte)'A' => Make(KeyKind.Up, out key),
            (byte)'B' => Make(KeyKind.Down, out key),
            (byte)'C' => Make(KeyKind.Right, out key),
            (byte)'D' => Make(KeyKind.Left, out key),
            (byte)'H' => Make(KeyKind.Home, out key),
            (byte)'F' => Make(KeyKind.End, out key),
            _ => false,
        };
    }

    private bool TryControl(byte value, out Key key)
    {
        key = default;
        if (value is >= (byte)'0' and <= (byte)'9')
            _parameter = Math.Min((_parameter * 10) + value - '0', 1000);

        // Parameter and intermediate bytes are 0x20 to 0x3F; anything above ends the sequence, anything below breaks it.
        if (value is >= 0x20 and <= 0x3F && ++_sequenceLength < LongestSequence)
            return false;
        _state = State.Text;
        if (value != '~')
            return TryFinal(value, out key);
        return _parameter switch
        {
            1 or 7 => Make(KeyKind.Home, out key),
            3 => Make(KeyKind.Delete, out key),
            4 or 8 => Make(KeyKind.End, out key),
            _ => false,
        };
    }

    private bool TryText(byte value, out Key key)
    {
        key = default;
        if (value >= 0x80 || _utf8Length > 0)
            return TryUtf8(value, out key);
        switch (value)
        {
            case Escape:
                _state = State.Escape;
                return false;
            case (byte)'\r':
                _isAfterReturn = true;
                return Make(KeyKind.Enter, out key);
            case (byte)'\n':
                return Make(KeyKind.Enter, out key);
            case (byte)'\t':
                return Make(KeyKind.Tab, out key);
            case 0x08 or 0x7F:
                return Make(KeyKind.Backspace, out key);
            case 0x01:
                return Make(KeyKind.Home, out key);
            case 0x02:
                return Make(KeyKind.Left, out key);
            case 0x03:
                return Make(KeyKind.Interrupt, out key);
            case 0x04:
                return Make(KeyKind.EndOfLineInput, out key);
            case 0x05:
                return Make(KeyKind.End, out key);
            case 0x06:
                return Make(KeyKind.Right, out key);
            case 0x0B:
                return Make(KeyKind.KillToEnd, out key);
            case 0x0C:
                return Make(KeyKind.Redraw, out key);
            case 0x0E:
                return Make(KeyKind.Down, out key);
            case 0x10:
                return Make(KeyKind.Up, out key);
            case 0x15:
                return Make(KeyKind.KillToStart, out key);
            case 0x17:
                return Make(KeyKind.KillWord, out key);
            case < 0x20:
                return false;
            default:
                key = new Key(KeyKind.Character, new Rune((char)value));
                return true;
        }
    }

    private bool TryUtf8(byte value, out Key key)
    {
        key = default;
        if (_utf8Length > 0 && (value & 0xC0) != 0x80)
        {
            // The sequence before was cut short: drop it, and take this byte for itself.
            _utf8Length = 0;
            return TryText(value, out key);
        }

        _utf8[_utf8Length++] = value;
        OperationStatus status = Rune.DecodeFromUtf8(_utf8.AsSpan(0, _utf8Length), out Rune rune, out _);
        if (status == OperationStatus.NeedMoreData && _utf8Length < _utf8.Length)
            return false;
        _utf8Length = 0;
        key = new Key(KeyKind.Character, rune);
        return status == OperationStatus.Done && !Rune.IsControl(rune);
    }
}
