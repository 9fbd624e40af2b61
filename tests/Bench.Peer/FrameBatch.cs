using System.Runtime.InteropServices;

namespace GuestOS.Bench.Peer;

/// <summary>Frames that are received or sent by one system call.</summary>
internal sealed unsafe class FrameBatch
{
    /// <summary>Most frames of a batch.</summary>
    public const int Size = 32;

    /// <summary>Room of each frame.</summary>
    public const int Capacity = 2048;

    private readonly byte* _bytes = (byte*)NativeMemory.AllocZeroed(Size * Capacity);
    private readonly Piece* _pieces = (Piece*)NativeMemory.AllocZeroed((nuint)(Size * sizeof(Piece)));
    private readonly Message* _messages = (Message*)NativeMemory.AllocZeroed((nuint)(Size * sizeof(Message)));

    /// <summary>An empty batch. Lives as long as the program.</summary>
    public FrameBatch()
    {
        for (var i = 0; i < Size; i++)
        {
            _pieces[i] = new Piece { Address = (ulong)(_bytes + (i * Capacity)), Length = Capacity };
            _messages[i] = new Message { Pieces = (ulong)(_pieces + i), PieceCount = 1 };
        }
    }

    /// <summary>A frame that was received.</summary>
    public ReadOnlySpan<byte> Received(int index) => new(_bytes + (index * Capacity), (int)_messages[index].Length);

    /// <summary>The place of a frame that is to be sent, with its length set.</summary>
    public Span<byte> ToSend(int index, int length)
    {
        _pieces[index].Length = (ulong)length;
        return new Span<byte>(_bytes + (index * Capacity), length);
    }

    /// <summary>Receives what there is; waits for the first frame.</summary>
    /// <returns>Frames; 0 when none came in the socket's time.</returns>
    /// <exception cref="IOException">The socket failed.</exception>
    public int Receive(int socket)
    {
        var count = Packets.Receive(socket, _messages, Size, Packets.WaitForOne, null);
        if (count >= 0)
            return count;
        var error = Marshal.GetLastPInvokeError();
        return error is Packets.TryAgain or Packets.Interrupted ? 0 : throw new IOException($"recvmmsg failed: error {error}");
    }

    /// <summary>Sends the first frames, and waits while the interface has no room for them.</summary>
    /// <exception cref="IOException">The socket failed.</exception>
    public void Send(int socket, int count)
    {
        for (var sent = 0; sent < count;)
        {
            var now = Packets.Send(socket, _messages + sent, (uint)(count - sent), 0);
            if (now < 0 && Marshal.GetLastPInvokeError() is var error and not Packets.Interrupted)
                throw new IOException($"sendmmsg failed: error {error}");
            sent += Math.Max(now, 0);
        }
    }
}
