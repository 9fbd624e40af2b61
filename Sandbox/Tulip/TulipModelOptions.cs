namespace GuestOS.Sandbox.Tulip;

/// <summary>Kind of a simulated adapter.</summary>
public sealed record TulipModelOptions
{
    /// <summary>A 21140 (Hyper-V's); otherwise a 21143 (QEMU's).</summary>
    public bool Is21140 { get; init; }

    /// <summary>The serial ROM's content, 128 bytes.</summary>
    public required byte[] Srom { get; init; }

    /// <summary>Address bits of the serial ROM: 6 for a 93C46, 8 for a 93C66.</summary>
    public int SromAddressBits { get; init; } = 6;

    /// <summary>Address of the PHY on the MII; null when there is none.</summary>
    public int? PhyAddress { get; init; } = 1;

    /// <summary>Setup frames with a hash table work; they do not in QEMU's model.</summary>
    public bool Hashes { get; init; } = true;

    /// <summary>
    /// Finished receive descriptors are written back word by word, the later words only before the next register access: QEMU's model may do
    /// so, which works beside the processor's own threads. Its transmitter works inside of register writes.
    /// </summary>
    public bool WritesBackLate { get; init; }

    /// <summary>Time that each transmit descriptor takes.</summary>
    public TimeSpan TransmitTime { get; init; } = TimeSpan.FromTicks(20);

    /// <summary>From the interrupt line to the handler.</summary>
    public TimeSpan InterruptLatency { get; init; } = TimeSpan.FromTicks(30);

    /// <summary>The board gave the registers no ports.</summary>
    public bool HasNoPorts { get; init; }

    /// <summary>The board gave the registers no memory.</summary>
    public bool HasNoMemory { get; init; }
}
