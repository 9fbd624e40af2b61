using System.Buffers.Binary;

namespace GuestOS.Sandbox.Tulip;

/// <summary>The receiver, and how descriptors are written back.</summary>
public sealed partial class TulipModel
{
    private const uint ReceiveInterrupt = 1 << 6;
    private const uint NoReceiveBuffer = 1 << 7;

    private readonly List<(uint Address, uint Word1, uint Word2, uint Word3)> _lateWrites = new(64);
    private uint _receiveDescriptor;

    /// <summary>Frames that were written to memory.</summary>
    public long FramesReceived { get; private set; }

    /// <summary>Frames that the filter kept out.</summary>
    public long FramesFiltered { get; private set; }

    /// <summary>Frames for which there was no descriptor, no receiver running, or no way to memory.</summary>
    public long FramesMissed { get; private set; }

    /// <summary>A frame arrives from the wire, without check sequence.</summary>
    /// <returns>Whether it was written to memory.</returns>
    public bool Deliver(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (Faults.Vanished || !ReceiveRuns || !IsBusMaster)
            {
                FramesMissed++;
                return false;
            }

            if (!Filter.Passes(frame, (_csr[6] & (1 << 6)) != 0, (_csr[6] & (1 << 7)) != 0))
            {
                FramesFiltered++;
                return false;
            }

            var taken = WriteFrame(frame);
            UpdateInterrupt();
            return taken;
        }
    }

    private bool WriteFrame(ReadOnlySpan<byte> frame)
    {
        Span<byte> bytes = stackalloc byte[16];
        var done = 0;
        var total = frame.Length + 4;
        var isFirst = true;
        while (done < total)
        {
            if (!_memory.TryRead(_receiveDescriptor, bytes))
            {
                FatalBusError();
                return false;
            }

            if ((BinaryPrimitives.ReadUInt32LittleEndian(bytes) & Own) == 0)
            {
                ReceiveState = 4;
                _csr[5] |= NoReceiveBuffer;
                if (isFirst)
                    CountMissed();
                return false;
            }

            var control = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            var second = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
            var before = done;
            done += Scatter(frame, done, total, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), (int)(control & 0x7FF));
            if ((control & Chained) == 0)
                done += Scatter(frame, done, total, second, (int)((control >> 11) & 0x7FF));
            if (done == before)
            {
                Violations.Enqueue("a receive descriptor without a buffer");
                FatalBusError();
                return false;
            }

            var here = _receiveDescriptor;
            _receiveDescriptor = NextOf(here, control, second, _csr[3]);
            var status = (isFirst ? 1u << 9 : 0) | (done == total ? (1u << 8) | ((uint)total << 16) : 0);
            if (total > 1518)
                status |= 1 << 7;
            if ((frame[0] & 1) != 0)
                status |= 1 << 10;
            isFirst = false;
            if (Faults.LeaveOwned > 0)
            {
                Faults.LeaveOwned--;
                _receiveDescriptor = here;
            }
            else
            {
                WriteBack(here, Faults.EditReceiveStatus?.Invoke(status, frame.Length) ?? status, bytes);
            }
        }

        FramesReceived++;
        _csr[5] |= ReceiveInterrupt;
        ReceiveState = 3;
        return true;
    }

    private void CountMissed()
    {
        FramesMissed++;
        _csr[8] = Math.Min((_csr[8] & 0xFFFF) + 1, 0xFFFF);
    }

    /// <summary>Writes a part of the frame, and of the check sequence that follows it, into a buffer.</summary>
    private int Scatter(ReadOnlySpan<byte> frame, int done, int total, uint address, int size)
    {
        var count = Math.Min(size, total - done);
        if (count <= 0)
            return 0;
        if ((size & 3) != 0 || (address & 3) != 0)
            Violations.Enqueue($"a receive buffer of {size} bytes at {address:x}");
        var ofFrame = Math.Clamp(frame.Length - done, 0, count);
        if (ofFrame != 0)
            _memory.TryWrite(address, frame.Slice(done, ofFrame));
        if (ofFrame != count)
        {
            ReadOnlySpan<byte> sequence = [0xC5, 0xC5, 0xC5, 0xC5];
            _memory.TryWrite(address + (uint)ofFrame, sequence[..(count - ofFrame)]);
        }

        return count;
    }

    /// <summary>Gives a receive descriptor back: its status, and on some adapters later the words that were read from it as well.</summary>
    private void WriteBack(uint descriptor, uint status, ReadOnlySpan<byte> read)
    {
        if (Options.WritesBackLate)
        {
            _lateWrites.Add((
                descriptor + 4,
                BinaryPrimitives.ReadUInt32LittleEndian(read[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(read[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(read[12..])));
        }

        WriteBack(descriptor, status);
    }

    private void WriteBack(uint descriptor, uint status)
    {
        if (Faults.Scribbles is { } random)
        {
            Span<byte> noise = stackalloc byte[12];
            random.NextBytes(noise);
            _memory.TryWrite(descriptor + 4, noise);
        }

        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, status & ~Own);
        _memory.TryWrite(descriptor, bytes);
    }

    private void FinishWriteBacks()
    {
        if (!IsBusMaster)
            return;
        Span<byte> bytes = stackalloc byte[12];
        foreach (var (address, word1, word2, word3) in _lateWrites)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, word1);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], word2);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], word3);
            _memory.TryWrite(address, bytes);
        }

        _lateWrites.Clear();
    }
}
