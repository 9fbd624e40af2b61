using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace GuestOS.Bench.Peer;

/// <summary>
/// Serves the other end of a network cable as the kernel's self-test <c>link</c> does (boot/EVENTS.md, "The link test"), as far as bursts of
/// frames of one size go: announcement, start, numbered frames, credit, report, end. It uses a raw packet socket, many frames a system call.
/// </summary>
internal sealed unsafe class LinkStation
{
    public const byte BurstKind = 3;
    public const byte CreditKind = 4;

    private const ushort EtherType = 0x88B5;
    private const int Shortest = 60;
    private const byte StartKind = 5;
    private const byte StartedKind = 6;
    private const byte ReportKind = 7;
    private const byte ReportAnswerKind = 8;
    private const byte EndKind = 14;
    private const byte EndedKind = 15;

    /// <summary>Room for the largest window, with the kernel's bookkeeping of each frame.</summary>
    private const int BufferBytes = 8 << 20;

    private readonly string _interface;
    private readonly int _socket;
    private readonly FrameBatch _answers = new();
    private readonly Stopwatch _watch = new();
    private LinkBurst? _burst;
    private long _interruptsBefore;

    /// <summary>Opens the interface, which is up.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public LinkStation(string name)
    {
        _interface = name;
        var protocol = BinaryPrimitives.ReverseEndianness(EtherType);
        _socket = Check(Packets.Open(Packets.Family, Packets.Raw, protocol), "socket");
        var index = int.Parse(File.ReadAllText($"/sys/class/net/{name}/ifindex"), CultureInfo.InvariantCulture);
        var address = new PacketAddress { Family = Packets.Family, Protocol = protocol, Interface = index };
        Check(Packets.Bind(_socket, &address, 20), "bind");
        var size = BufferBytes;
        Check(Packets.SetOption(_socket, Packets.SocketLevel, Packets.SendBufferForce, &size, sizeof(int)), "SO_SNDBUFFORCE");
        Check(Packets.SetOption(_socket, Packets.SocketLevel, Packets.ReceiveBufferForce, &size, sizeof(int)), "SO_RCVBUFFORCE");

        // struct timeval: 100 ms, between two announcements.
        var timeout = stackalloc long[2];
        timeout[1] = 100_000;
        Check(Packets.SetOption(_socket, Packets.SocketLevel, Packets.ReceiveTimeout, timeout, 2 * sizeof(long)), "SO_RCVTIMEO");
    }

    /// <summary>Begins the answer to a frame, in the first place of a batch.</summary>
    public static Span<byte> Answer(FrameBatch batch, ReadOnlySpan<byte> request, byte kind)
    {
        var frame = batch.ToSend(0, Shortest);
        frame.Clear();
        WriteHeader(frame, request, kind);
        request.Slice(16, 2).CopyTo(frame[16..]);
        return frame;
    }

    /// <summary>Writes the header of a frame to the sender of another one.</summary>
    public static void WriteHeader(Span<byte> frame, ReadOnlySpan<byte> request, byte kind)
    {
        request.Slice(6, 6).CopyTo(frame);
        request[..6].CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType);
        frame[14] = kind;
    }

    /// <summary>Serves until the other end says that it is over.</summary>
    /// <exception cref="IOException">The interface failed.</exception>
    public void Run()
    {
        var batch = new FrameBatch();
        var isHeard = false;
        while (true)
        {
            var count = batch.Receive(_socket);
            if (count == 0 && !isHeard)
                Announce();
            for (var i = 0; i < count; i++)
            {
                isHeard = true;
                var frame = batch.Received(i);
                if (frame.Length >= Shortest && Serve(frame))
                    return;
            }

            _burst?.GiveCredit();
        }
    }

    /// <returns>True when the test is over.</returns>
    private bool Serve(ReadOnlySpan<byte> frame)
    {
        switch (frame[14])
        {
            case BurstKind:
                _burst?.Take(frame);
                return false;
            case CreditKind:
                _burst?.Credit(BinaryPrimitives.ReadUInt32BigEndian(frame[18..]));
                return false;
            case StartKind:
                _burst = new LinkBurst(_socket, frame.ToArray());
                _interruptsBefore = CountInterrupts();
                _watch.Restart();
                Answer(_answers, frame, StartedKind);
                _answers.Send(_socket, 1);
                _burst.Begin();
                return false;
            case ReportKind:
                Report(frame);
                return false;
            case EndKind:
                Answer(_answers, frame, EndedKind);
                _answers.Send(_socket, 1);
                return true;
            default:
                return false;
        }
    }

    private void Report(ReadOnlySpan<byte> request)
    {
        _burst?.Finish();
        var time = (ulong)_watch.Elapsed.Ticks * 100;
        var interrupts = CountInterrupts() - _interruptsBefore;
        var frame = Answer(_answers, request, ReportAnswerKind);
        BinaryPrimitives.WriteUInt32BigEndian(frame[18..], _burst?.Right ?? 0);
        BinaryPrimitives.WriteUInt32BigEndian(frame[22..], _burst?.Wrong ?? 0);
        BinaryPrimitives.WriteUInt32BigEndian(frame[26..], _burst?.Missing ?? 0);
        BinaryPrimitives.WriteUInt32BigEndian(frame[30..], _burst?.Doubled ?? 0);
        BinaryPrimitives.WriteUInt32BigEndian(frame[34..], _burst?.Sent ?? 0);
        BinaryPrimitives.WriteUInt64BigEndian(frame[38..], time);
        BinaryPrimitives.WriteUInt64BigEndian(frame[46..], (ulong)interrupts);
        _answers.Send(_socket, 1);
        _burst = null;
    }

    /// <summary>Tells the other end that somebody is here: the shortest frame of the Link Layer Discovery Protocol that holds the address.</summary>
    private void Announce()
    {
        var frame = _answers.ToSend(0, Shortest);
        frame.Clear();
        ReadOnlySpan<byte> group = [0x01, 0x80, 0xC2, 0x00, 0x00, 0x0E];
        var address = Convert.FromHexString(File.ReadAllText($"/sys/class/net/{_interface}/address").Trim().Replace(":", "", StringComparison.Ordinal));
        group.CopyTo(frame);
        address.CopyTo(frame[6..]);
        ReadOnlySpan<byte> chassis = [0x88, 0xCC, 0x02, 0x07, 0x04];
        chassis.CopyTo(frame[12..]);
        address.CopyTo(frame[17..]);
        ReadOnlySpan<byte> rest = [0x04, 0x02, 0x05, (byte)'p', 0x06, 0x02, 0x00, 0x78, 0x00, 0x00];
        rest.CopyTo(frame[23..]);
        _answers.Send(_socket, 1);
    }

    /// <summary>The interface's interrupts so far, of all processors (proc(5), /proc/interrupts).</summary>
    private long CountInterrupts()
    {
        foreach (var line in File.ReadLines("/proc/interrupts"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0 || fields[^1] != _interface)
                continue;
            return fields.Skip(1).TakeWhile(field => long.TryParse(field, out _)).Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        }

        throw new IOException($"/proc/interrupts has no line of {_interface}");
    }

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call} failed: error {Marshal.GetLastPInvokeError()}");
}
