using System.Buffers.Binary;

namespace GuestOS.Sandbox.Tulip;

/// <summary>The transmitter: one descriptor at a time, each takes a while.</summary>
public sealed partial class TulipModel
{
    private const uint Own = 1u << 31;
    private const uint EndOfRing = 1 << 25;
    private const uint Chained = 1 << 24;
    private const uint Setup = 1 << 27;
    private const uint HashSetup = 1 << 22;
    private const uint FirstSegment = 1 << 29;
    private const uint LastSegment = 1 << 30;
    private const uint InterruptOnCompletion = 1u << 31;
    private const int ShortestFrame = 60;

    private readonly byte[] _transmitFrame = new byte[4096];
    private int _transmitLength;
    private uint _transmitDescriptor;
    private bool _isTransmitting;
    private bool _sawEmptyDescriptor;

    /// <summary>Frames that went out whole.</summary>
    public long FramesSent { get; private set; }

    /// <summary>Setup frames that were taken.</summary>
    public int SetupFrames { get; private set; }

    private void StartTransmitter()
    {
        if (_isTransmitting || (_csr[6] & StartTransmit) == 0 || Faults.TransmitHangs)
            return;
        _isTransmitting = true;
        TransmitState = 1;
        _transmitTimer.Change(Options.TransmitTime, Timeout.InfiniteTimeSpan);
    }

    private void StopTransmitter()
    {
        _isTransmitting = false;
        _transmitLength = 0;
        _transmitTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void OnTransmitTimer()
    {
        lock (_gate)
        {
            if (!_isTransmitting || Faults.Vanished)
                return;
            if (Faults.TransmitHangs || !IsBusMaster)
            {
                _isTransmitting = false;
                return;
            }

            if (!TransmitOne())
                _isTransmitting = false;
            else
                _transmitTimer.Change(Options.TransmitTime, Timeout.InfiniteTimeSpan);
            UpdateInterrupt();
        }
    }

    /// <summary>False when the transmitter rests afterwards.</summary>
    private bool TransmitOne()
    {
        // A stop takes effect between frames.
        if ((_csr[6] & StartTransmit) == 0 && _transmitLength == 0)
        {
            TransmitStopped();
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        if (Faults.BusErrors > 0 || !_memory.TryRead(_transmitDescriptor, bytes))
        {
            Faults.BusErrors = Math.Max(0, Faults.BusErrors - 1);
            FatalBusError();
            return false;
        }

        var status = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if ((status & Own) == 0)
        {
            TransmitState = 6;
            _csr[5] |= 1 << 2;
            return false;
        }

        var control = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var first = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        var second = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        var size1 = (int)(control & 0x7FF);
        var size2 = (int)((control >> 11) & 0x7FF);
        var here = _transmitDescriptor;
        _transmitDescriptor = NextOf(here, control, second, _csr[4]);
        if ((control & Setup) != 0)
            return TakeSetup(here, control, first, size1);
        _sawEmptyDescriptor = size1 == 0 && size2 == 0;
        if (_sawEmptyDescriptor)
        {
            WriteBack(here, 0x7FFF_FFFF);
            return true;
        }

        if (((control & FirstSegment) != 0) != (_transmitLength == 0))
            Violations.Enqueue("a transmit descriptor's first-segment bit is wrong");
        if (!Gather(first, size1) || ((control & Chained) == 0 && !Gather(second, size2)))
        {
            FatalBusError();
            return false;
        }

        if ((control & LastSegment) == 0)
        {
            WriteBack(here, 0);
            return true;
        }

        return EndFrame(here, control);
    }

    private bool EndFrame(uint descriptor, uint control)
    {
        var length = _transmitLength;
        _transmitLength = 0;
        if (Faults.Underflows > 0 && (_csr[6] & (1 << 21)) == 0)
        {
            Faults.Underflows--;
            WriteBack(descriptor, 0x8002);
            _csr[5] |= 1 << 5;
            TransmitState = 6;
            return false;
        }

        if (Faults.Jabbers > 0)
        {
            Faults.Jabbers--;
            WriteBack(descriptor, 0xC000);
            _csr[5] |= 1 << 3;
            TransmitStopped();
            return false;
        }

        if (length is < 14 or > 1518)
            Violations.Enqueue($"a frame of {length} bytes was sent");
        if (length < ShortestFrame)
        {
            _transmitFrame.AsSpan(length, ShortestFrame - length).Clear();
            length = ShortestFrame;
        }

        FramesSent++;
        Transmitted?.Invoke(_transmitFrame.AsSpan(0, length));
        WriteBack(descriptor, Faults.EditTransmitStatus?.Invoke(0) ?? 0);
        if ((control & InterruptOnCompletion) != 0)
            _csr[5] |= 1;
        return true;
    }

    private bool Gather(uint address, int size)
    {
        if (_transmitLength + size > _transmitFrame.Length)
        {
            Violations.Enqueue($"a frame of more than {_transmitFrame.Length} bytes was sent");
            return false;
        }

        if (size != 0 && !_memory.TryRead(address, _transmitFrame.AsSpan(_transmitLength, size)))
            return false;
        _transmitLength += size;
        return true;
    }

    private bool TakeSetup(uint descriptor, uint control, uint address, int size)
    {
        const int Size = 192;
        if (size != Size || (control & (FirstSegment | LastSegment)) != 0)
            Violations.Enqueue($"a setup frame with control {control:x}");
        if (descriptor != _csr[4] && !_sawEmptyDescriptor && Options.Is21140)
            Violations.Enqueue("no empty descriptor precedes the setup frame");
        _sawEmptyDescriptor = false;
        Span<byte> setup = stackalloc byte[Size];
        if (!_memory.TryRead(address, setup))
        {
            FatalBusError();
            return false;
        }

        Filter.Load(setup, (control & HashSetup) != 0 && Options.Hashes);
        if (!Filter.IsHash && !Filter.Perfect.Contains(0xFFFF_FFFF_FFFF) && (control & HashSetup) == 0)
            Violations.Enqueue("broadcast is not among the addresses");
        SetupFrames++;
        WriteBack(descriptor, 0x7FFF_FFFF);
        if ((control & InterruptOnCompletion) != 0)
            _csr[5] |= 1;
        return true;
    }

    private void FatalBusError()
    {
        _csr[5] |= 1 << 13;
        _csr[6] &= ~(StartReceive | StartTransmit);
        TransmitState = 0;
        ReceiveState = 0;
    }

    private uint NextOf(uint descriptor, uint control, uint second, uint listBase)
    {
        if ((control & EndOfRing) != 0)
            return listBase;
        if ((control & Chained) != 0)
            return second & ~3u;
        return descriptor + 16 + (4 * ((_csr[0] >> 2) & 31));
    }
}
