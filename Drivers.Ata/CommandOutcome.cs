using System.Globalization;

namespace GuestOS.Drivers.Ata;

/// <summary>How a command ended.</summary>
internal enum OutcomeKind
{
    Good,

    /// <summary>The drive said so in its status (ERR, CHK, DF).</summary>
    DeviceError,

    /// <summary>The bus master failed, or data was damaged on the way.</summary>
    DmaError,

    /// <summary>The drive moved less than the command describes, and calls it done.</summary>
    Short,

    /// <summary>The drive did what the protocol does not allow.</summary>
    Protocol,

    /// <summary>No end in time.</summary>
    Timeout,

    /// <summary>Nothing answers any more.</summary>
    Gone,
}

/// <summary>How a command ended, with the registers as they were then.</summary>
/// <param name="Kind">Class of the end.</param>
/// <param name="Status">Last status that was read.</param>
/// <param name="Error">Error register; read only when the status says so.</param>
/// <param name="BusMaster">Bus master status; none for PIO.</param>
/// <param name="Lba">Where the drive failed, as its task file says; null when that was not read.</param>
/// <param name="Transferred">Bytes moved by PIO; all of them after good DMA.</param>
/// <param name="Reason">What was not right, when the registers do not say it.</param>
internal readonly record struct CommandOutcome(
    OutcomeKind Kind, AtaStatus Status, AtaError Error, BusMasterStatus BusMaster, ulong? Lba, int Transferred, string? Reason)
{
    public bool IsGood => Kind == OutcomeKind.Good;

    /// <summary>After this the drive's state is unknown until it was reset.</summary>
    public bool NeedsReset =>
        Kind is OutcomeKind.Protocol or OutcomeKind.Short or OutcomeKind.Timeout
        || (Kind == OutcomeKind.DmaError && (Error & AtaError.InterfaceCrc) == 0)
        || (Status & (AtaStatus.Busy | AtaStatus.DataRequest)) != 0;

    /// <summary>The registers as text.</summary>
    public string Describe(bool packet)
    {
        var text = $"status {AtaText.Status(Status)}";
        if ((Status & AtaStatus.Error) != 0 && (Status & AtaStatus.Busy) == 0)
        {
            text += packet
                ? string.Create(CultureInfo.InvariantCulture, $", error {(byte)Error:x2} sense key {(byte)Error >> 4:x}")
                : $", error {AtaText.Error(Error)}";
        }

        if (BusMaster != BusMasterStatus.None)
            text += $", bus master {AtaText.BusMaster(BusMaster)}";
        return Reason is null ? text : $"{Reason}: {text}";
    }
}
