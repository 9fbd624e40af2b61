using System.Globalization;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.Synthetic.Storage.Scsi;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>How one try of a command ended.</summary>
internal enum OutcomeKind
{
    /// <summary>The host answered; the other members say what.</summary>
    Answered,

    /// <summary>The host answered with something else. It does not use the memory any more.</summary>
    Malformed,

    /// <summary>The channel has ended, and the host has let go of the memory.</summary>
    Gone,

    /// <summary>The channel has ended, and the host never said that it let go of the memory.</summary>
    Lost,

    /// <summary>It was not sent: there is no memory for it.</summary>
    NoMemory,
}

/// <summary>What the host said of one try of a command: checked, and copied.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="SrbStatus">The code of the host's storage stack, without flags.</param>
/// <param name="ScsiStatus">The device's status.</param>
/// <param name="Sense">Sense data; null when there is none that is valid.</param>
/// <param name="Transferred">Bytes, no more than were asked for.</param>
internal readonly record struct CommandOutcome(OutcomeKind Kind, SrbStatus SrbStatus, ScsiStatus ScsiStatus, Sense? Sense, int Transferred)
{
    /// <summary>An end without an answer.</summary>
    public CommandOutcome(OutcomeKind kind)
        : this(kind, SrbStatus.Pending, ScsiStatus.Good, null, 0)
    {
    }

    /// <summary>The command was carried out.</summary>
    public bool IsGood => Kind == OutcomeKind.Answered && SrbStatus == SrbStatus.Success && ScsiStatus == ScsiStatus.Good;

    /// <summary>The answer in words.</summary>
    public string Describe() => Kind switch
    {
        OutcomeKind.Answered => Sense is { } sense
            ? string.Create(CultureInfo.InvariantCulture, $"SRB status {SrbStatus} ({(byte)SrbStatus:x2}), {ScsiStatus}, {sense}")
            : string.Create(CultureInfo.InvariantCulture, $"SRB status {SrbStatus} ({(byte)SrbStatus:x2}), {ScsiStatus}, {Transferred} bytes"),
        OutcomeKind.Malformed => "the host's answer is malformed",
        OutcomeKind.Gone => "the channel has ended",
        OutcomeKind.Lost => "the channel has ended, and the host has not let go of the memory",
        _ => "there is no memory that the host can reach",
    };

    /// <summary>Reads an answer (rules S1, S2, S5).</summary>
    /// <param name="payload">What came.</param>
    /// <param name="version">What was agreed.</param>
    /// <param name="wanted">Bytes that were asked for.</param>
    public static CommandOutcome Read(ReadOnlySpan<byte> payload, StorageVersion version, int wanted)
    {
        if (payload.Length < version.PacketSize)
            return new CommandOutcome(OutcomeKind.Malformed);
        Span<byte> bytes = stackalloc byte[StorageHeader.PacketSize];
        bytes.Clear();
        payload[..version.PacketSize].CopyTo(bytes);
        var srb = MemoryMarshal.Read<SrbPacket>(bytes);
        var code = srb.SrbStatus & SrbStatus.CodeMask;

        // Only a success, and an overrun that says nothing else, have a length that means something.
        var counts = code == SrbStatus.Success || srb.SrbStatus == SrbStatus.DataOverrun;
        if (srb.Header.Operation != StorageOperation.CompleteIo || (counts && srb.TransferLength > (uint)wanted))
            return new CommandOutcome(OutcomeKind.Malformed);
        Sense? sense = null;
        if ((srb.SrbStatus & SrbStatus.SenseValid) != 0)
        {
            ReadOnlySpan<byte> room = srb.CdbOrSense;
            if (Scsi.Sense.TryRead(room[..Math.Min(srb.SenseLength, version.SenseLength)], out var read))
                sense = read;
        }

        return new CommandOutcome(OutcomeKind.Answered, code, srb.ScsiStatus, sense, counts ? (int)srb.TransferLength : 0);
    }
}
