using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>The logical units of a controller, and the answers for those that are not there (as OpenVMM gives them).</summary>
public sealed class ScsiBus
{
    private readonly SortedDictionary<(byte Path, byte Target, byte Lun), ScsiUnit> _units = [];

    /// <summary>Places that are taken.</summary>
    public IEnumerable<ScsiAddress> Addresses => _units.Keys.Select(key => new ScsiAddress(key.Path, key.Target, key.Lun));

    /// <summary>The unit there; null when there is none.</summary>
    public ScsiUnit? Find(ScsiAddress address) => _units.GetValueOrDefault(Key(address));

    /// <summary>Adds a unit.</summary>
    /// <exception cref="InvalidOperationException">The place is taken.</exception>
    public void Add(ScsiAddress address, ScsiUnit unit)
    {
        if (!_units.TryAdd(Key(address), unit))
            throw new InvalidOperationException($"There is a logical unit at {address} already.");
        Tell(address);
    }

    /// <summary>Removes a unit. False when there is none.</summary>
    public bool Remove(ScsiAddress address)
    {
        if (!_units.Remove(Key(address)))
            return false;
        Tell(address);
        return true;
    }

    /// <summary>Executes a command.</summary>
    public void Execute(ScsiAddress address, ScsiCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Opcode == ScsiOpcode.ReportLuns)
            ReportLuns(address, command);
        else if (Find(address) is { } unit)
            unit.Execute(command);
        else
            ExecuteOnNothing(address, command);
    }

    private static (byte Path, byte Target, byte Lun) Key(ScsiAddress address) => (address.Path, address.Target, address.Lun);

    private static void ExecuteOnNothing(ScsiAddress address, ScsiCommand command)
    {
        if (command.Opcode != ScsiOpcode.Inquiry)
        {
            command.End(SrbStatus.InvalidLun, null);
            return;
        }

        if ((command.Cdb[1] & 1) != 0)
        {
            command.Reject(SenseData.InvalidField);
            return;
        }

        var data = new byte[ScsiConstants.InquiryLength];
        data[0] = ScsiConstants.NoUnit;
        data[2] = 5;
        data[3] = 2;
        data[4] = (byte)(data.Length - 5);
        if (address.Lun == 0)
            "Msft    Virtual Disk    1.0 "u8.CopyTo(data.AsSpan(8));
        command.Return(data, command.Word(3));
    }

    private void ReportLuns(ScsiAddress address, ScsiCommand command)
    {
        var luns = _units.Keys.Where(key => key.Path == address.Path && key.Target == address.Target).Select(key => key.Lun).ToList();
        var data = new byte[8 + (luns.Count * 8)];
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)(luns.Count * 8));
        for (var i = 0; i < luns.Count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(8 + (i * 8)), luns[i]);
        command.Return(data, command.DoubleWord(6));
    }

    private void Tell(ScsiAddress changed)
    {
        foreach (var (key, unit) in _units)
        {
            if (key.Path == changed.Path && key.Target == changed.Target && key.Lun != changed.Lun)
                unit.RaiseAttention(SenseData.LunsChanged);
        }
    }
}
