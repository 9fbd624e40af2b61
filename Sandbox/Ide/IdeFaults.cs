namespace GuestOS.Sandbox.Ide;

/// <summary>What a drive shall do wrong. Counts go down by one each time; all is well at zero.</summary>
public sealed class IdeFaults
{
    /// <summary>Commands that never end: BSY stays until a reset.</summary>
    public int StuckBusy { get; set; }

    /// <summary>Resets after which BSY stays until the next one.</summary>
    public int StuckBusyAfterReset { get; set; }

    /// <summary>Commands for which DRQ never comes: neither BSY nor DRQ, no interrupt.</summary>
    public int NoDataRequest { get; set; }

    /// <summary>Interrupts that the drive forgets.</summary>
    public int ForgottenInterrupts { get; set; }

    /// <summary>Transfers that end, in good cheer, after half of the data.</summary>
    public int ShortTransfers { get; set; }

    /// <summary>DMA commands that end with ICRC.</summary>
    public int CrcErrors { get; set; }

    /// <summary>DMA transfers that the bus master breaks off with its error bit; the drive hangs.</summary>
    public int BusMasterErrors { get; set; }

    /// <summary>DMA transfers that never begin.</summary>
    public int DmaStalls { get; set; }

    /// <summary>Commands that end with DF.</summary>
    public int DeviceFaults { get; set; }

    /// <summary>Commands that end with ABRT.</summary>
    public int Aborts { get; set; }

    /// <summary>Packet commands in which the drive sends more than it was asked for.</summary>
    public int Overruns { get; set; }

    /// <summary>Packet data comes in pieces of odd sizes, as far as the standard allows.</summary>
    public bool RaggedChunks { get; set; }

    /// <summary>The drive is pulled out: its registers float.</summary>
    public bool Vanished { get; set; }

    /// <summary>Blocks that cannot be read or written, and the error register for each.</summary>
    public Dictionary<ulong, byte> BadBlocks { get; } = [];

    /// <summary>Command codes that the drive does not know.</summary>
    public HashSet<byte> UnknownCommands { get; } = [];

    /// <summary>Called with the answer of IDENTIFY before it is sent.</summary>
    public Action<byte[]>? EditIdentify { get; set; }

    /// <summary>Called before each command with its code: a plan may set some of the above.</summary>
    public Action<IdeFaults, byte>? Plan { get; set; }
}
