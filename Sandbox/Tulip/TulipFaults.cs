namespace GuestOS.Sandbox.Tulip;

/// <summary>What an adapter does wrong.</summary>
public sealed class TulipFaults
{
    /// <summary>It is pulled out: reads give all ones, nothing else happens.</summary>
    public bool Vanished { get; set; }

    /// <summary>It is pulled out after so many further register accesses; null for never.</summary>
    public int? VanishesAfter { get; set; }

    /// <summary>So many frames are broken off by an underflow.</summary>
    public int Underflows { get; set; }

    /// <summary>Transmit descriptors are left as they are.</summary>
    public bool TransmitHangs { get; set; }

    /// <summary>A stop command has no effect.</summary>
    public bool NeverStops { get; set; }

    /// <summary>So many fetches of a transmit descriptor end with a fatal bus error.</summary>
    public int BusErrors { get; set; }

    /// <summary>So many frames end with the jabber timer.</summary>
    public int Jabbers { get; set; }

    /// <summary>So many received frames are told by an interrupt, with the descriptor left the chip's.</summary>
    public int LeaveOwned { get; set; }

    /// <summary>Bits that CSR5 has beside its own.</summary>
    public uint StatusNoise { get; set; }

    /// <summary>The serial ROM does not answer.</summary>
    public bool SromIsSilent { get; set; }

    /// <summary>So many whole reads of the serial ROM give a wrong bit.</summary>
    public int SromBitErrors { get; set; }

    /// <summary>After a descriptor is finished, random bits are written into the rest of it.</summary>
    public Random? Scribbles { get; set; }

    /// <summary>Changes RDES0 before it is written; called with it and the frame's length.</summary>
    public Func<uint, int, uint>? EditReceiveStatus { get; set; }

    /// <summary>Changes TDES0 before it is written.</summary>
    public Func<uint, uint>? EditTransmitStatus { get; set; }

    /// <summary>A register is about to be accessed.</summary>
    /// <returns>False when nobody is there any more.</returns>
    internal bool CountAccess()
    {
        if (VanishesAfter is { } left)
        {
            Vanished |= left == 0;
            VanishesAfter = Math.Max(left - 1, 0);
        }

        return !Vanished;
    }
}
