namespace GuestOS.Kernel.Core;

/// <summary>State of one 16550-compatible port of <see cref="Serial"/>; a static of its owner.</summary>
internal unsafe struct SerialPort
{
    /// <summary>Most bytes that a transmitter takes at once.</summary>
    public const int MostDepth = 16;

    /// <summary>First of the eight I/O ports; 0: none.</summary>
    public ushort Base;

    /// <summary>Bytes that the transmitter takes at once: 16 with a FIFO, else 1; 0 while there is no port.</summary>
    public byte Depth;

    /// <summary>Bytes that wait in <see cref="Pending"/>.</summary>
    public byte PendingCount;

    /// <summary>What <see cref="Serial.Put"/> has not handed to the transmitter yet: less than it takes at once.</summary>
    public fixed byte Pending[MostDepth];

    /// <summary>True after the transmitter did not drain in time; writes then do not wait until it drains again.</summary>
    public bool Stuck;

    /// <summary>Bytes lost because the transmitter was stuck.</summary>
    public ulong Dropped;

    /// <summary>Received bytes with a parity, framing or overrun error, or breaks.</summary>
    public uint LineErrors;

    /// <summary>True when the port exists.</summary>
    public readonly bool Present => Depth != 0;
}
