using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>A command on its way through a target, and how it ended.</summary>
public sealed class ScsiCommand
{
    private readonly byte[] _cdb = new byte[CdbOrSense.CdbLength];

    /// <param name="cdb">Up to 16 bytes.</param>
    /// <param name="data">The initiator's memory.</param>
    public ScsiCommand(ReadOnlySpan<byte> cdb, IScsiData data)
    {
        cdb.CopyTo(_cdb);
        Data = data;
    }

    /// <summary>The command, filled up with zeros.</summary>
    public ReadOnlySpan<byte> Cdb => _cdb;

    /// <summary>What it is.</summary>
    public ScsiOpcode Opcode => (ScsiOpcode)_cdb[0];

    /// <summary>The initiator's memory.</summary>
    public IScsiData Data { get; }

    /// <summary>How the host's storage stack sees the end, without flags.</summary>
    public SrbStatus SrbStatus { get; set; } = SrbStatus.Success;

    /// <summary>How the device ended it.</summary>
    public ScsiStatus Status { get; set; }

    /// <summary>Sense data.</summary>
    public SenseData? Sense { get; set; }

    /// <summary>Bytes that were moved.</summary>
    public int Transferred { get; set; }

    /// <summary>A 16-bit field.</summary>
    public int Word(int offset) => BinaryPrimitives.ReadUInt16BigEndian(_cdb.AsSpan(offset));

    /// <summary>A 32-bit field.</summary>
    public uint DoubleWord(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_cdb.AsSpan(offset));

    /// <summary>A 64-bit field.</summary>
    public ulong QuadWord(int offset) => BinaryPrimitives.ReadUInt64BigEndian(_cdb.AsSpan(offset));

    /// <summary>Ends with an error of the device.</summary>
    public void Fail(SenseData sense) => End(SrbStatus.Error, sense);

    /// <summary>Ends because the command is not one that the device takes.</summary>
    public void Reject(SenseData sense) => End(SrbStatus.InvalidRequest, sense);

    /// <summary>Ends because more data would move than there is memory.</summary>
    public void Overrun() => End(SrbStatus.DataOverrun, SenseData.InvalidField);

    /// <summary>Gives parameter data, as much as the allocation length and the memory allow.</summary>
    public void Return(ReadOnlySpan<byte> data, long allocationLength)
    {
        var count = (int)Math.Min(Math.Min(data.Length, allocationLength), Data.Length);
        if (Data.TryWrite(0, data[..count]))
            Transferred = count;
        else
            End(SrbStatus.InternalError, null);
    }

    /// <summary>Ends it.</summary>
    public void End(SrbStatus srbStatus, SenseData? sense, ScsiStatus status = ScsiStatus.CheckCondition)
    {
        SrbStatus = srbStatus;
        Status = status;
        Sense = sense;
        Transferred = 0;
    }
}
