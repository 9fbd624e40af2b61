using System.Buffers.Binary;
using GuestOS.Fuzz.Targets;
using GuestOS.Machine;

namespace GuestOS.Fuzz.Hostility;

/// <summary>
/// Registers of a device that answers and takes what the input says. The input is a row of deeds: how many accesses pass before it, which, and
/// its arguments; between them the device is as its model has it.
/// </summary>
internal sealed class HostileRegisters
{
    private const int CommonDeeds = 5;
    private readonly Decisions _decisions;
    private readonly List<Action<Decisions>> _own;
    private Func<uint, uint>? _answer;
    private int _answers;
    private bool _isSwallowing;
    private bool _isActing;
    private bool _isReformed;
    private int _delay;

    /// <param name="decisions">What it does.</param>
    /// <param name="own">More deeds, of its model.</param>
    public HostileRegisters(Decisions decisions, params List<Action<Decisions>> own)
    {
        _decisions = decisions;
        _own = own;
        _delay = Delay();
    }

    /// <summary>
    /// It gave a false answer, or did not take what was written: it may believe to have memory that it was never given, and may have said of
    /// memory that it had let go of it, and did not.
    /// </summary>
    public bool HasLied { get; private set; }

    /// <summary>From now on it is as its model has it.</summary>
    public void Reform() => _isReformed = true;

    /// <summary>What the driver sees of a window of the model.</summary>
    public IRegisterWindow Over(IRegisterWindow model) => new Window(this, model);

    private int Delay()
    {
        var value = _decisions.Next();
        return value < 192 ? value % 32 : (value - 191) * 64;
    }

    private void Step()
    {
        if (_isReformed || _isActing || _delay-- > 0 || _decisions.IsUsedUp)
            return;
        _isActing = true;
        Act();
        _delay = Delay();
        _isActing = false;
    }

    private void Act()
    {
        var deed = _decisions.Next() % (CommonDeeds + _own.Count);
        HasLied |= deed < CommonDeeds;
        var value = deed < CommonDeeds ? HostileHost.Number(_decisions) : 0;
        switch (deed)
        {
            case 0:
                (_answer, _answers) = (_ => value, 1);
                break;
            case 1:
                (_answer, _answers) = (honest => honest ^ value, 1);
                break;
            case 2:
                (_answer, _answers) = (_ => value, _decisions.Next() * 8);
                break;
            case 3:
                (_answer, _answers) = (honest => honest | value, _decisions.Next());
                break;
            case 4:
                _isSwallowing = true;
                break;
            default:
                _own[deed - CommonDeeds](_decisions);
                break;
        }
    }

    private uint Answer(uint honest)
    {
        if (_isReformed || _answers <= 0)
            return honest;
        _answers--;
        return _answer!(honest);
    }

    private bool Takes()
    {
        Step();
        var takes = _isReformed || !_isSwallowing;
        _isSwallowing = false;
        return takes;
    }

    private sealed class Window(HostileRegisters host, IRegisterWindow model) : IRegisterWindow
    {
        public RegisterSpace Space => model.Space;

        public ulong BaseAddress => model.BaseAddress;

        public int Length => model.Length;

        public byte Read8(int offset)
        {
            host.Step();
            return (byte)host.Answer(model.Read8(offset));
        }

        public ushort Read16(int offset)
        {
            host.Step();
            return (ushort)host.Answer(model.Read16(offset));
        }

        public uint Read32(int offset)
        {
            host.Step();
            return host.Answer(model.Read32(offset));
        }

        public void Write8(int offset, byte value)
        {
            if (host.Takes())
                model.Write8(offset, value);
        }

        public void Write16(int offset, ushort value)
        {
            if (host.Takes())
                model.Write16(offset, value);
        }

        public void Write32(int offset, uint value)
        {
            if (host.Takes())
                model.Write32(offset, value);
        }

        public void ReadRepeated16(int offset, Span<byte> destination)
        {
            host.Step();
            model.ReadRepeated16(offset, destination);
            for (var i = 0; i + 2 <= destination.Length && host._answers > 0; i += 2)
            {
                var place = destination[i..];
                BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)host.Answer(BinaryPrimitives.ReadUInt16LittleEndian(place)));
            }
        }

        public void WriteRepeated16(int offset, ReadOnlySpan<byte> source)
        {
            if (host.Takes())
                model.WriteRepeated16(offset, source);
        }
    }
}
