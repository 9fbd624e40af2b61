using System.Buffers.Binary;
using System.Text;
using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>A logical unit: what all kinds of them have in common (SPC-4). Not thread-safe: its owner calls one command at a time.</summary>
public abstract class ScsiUnit
{
    /// <summary>SPC-3.</summary>
    private const byte Spc3 = 5;
    private readonly Queue<SenseData> _attentions = new();

    /// <summary>What it calls itself.</summary>
    public required ScsiIdentity Identity { get; init; }

    /// <summary>Commands that were executed.</summary>
    public long Commands { get; private set; }

    /// <summary>Peripheral device type.</summary>
    protected abstract byte DeviceType { get; }

    /// <summary>RMB of the INQUIRY data.</summary>
    protected virtual bool IsRemovable => false;

    /// <summary>The next command that waits for nothing else is told this.</summary>
    public void RaiseAttention(SenseData sense)
    {
        if (!_attentions.Contains(sense))
            _attentions.Enqueue(sense);
    }

    /// <summary>Executes a command.</summary>
    public void Execute(ScsiCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        Commands++;
        switch (command.Opcode)
        {
            case ScsiOpcode.Inquiry:
                Inquire(command);
                return;
            case ScsiOpcode.RequestSense:
                RequestSense(command);
                return;
        }

        if (_attentions.TryDequeue(out var attention))
            command.Fail(attention);
        else
            ExecuteOwn(command);
    }

    /// <summary>A command of this kind of unit.</summary>
    protected abstract void ExecuteOwn(ScsiCommand command);

    /// <summary>VPD pages besides 0x00, 0x80 and 0x83; empty when there is none of that number.</summary>
    protected virtual byte[] FindPage(byte page) => [];

    /// <summary>Numbers of the pages that <see cref="FindPage"/> has.</summary>
    protected virtual ReadOnlySpan<byte> OwnPages => [];

    /// <summary>Mode pages as one: header, descriptor and the pages that were asked for.</summary>
    protected static void ReturnModes(ScsiCommand command, byte deviceSpecific, ReadOnlySpan<byte> pages)
    {
        ArgumentNullException.ThrowIfNull(command);
        var isLong = command.Opcode == ScsiOpcode.ModeSense10;
        var header = isLong ? 8 : 4;
        var data = new byte[header + pages.Length];
        if (isLong)
        {
            BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)(data.Length - 2));
            data[3] = deviceSpecific;
        }
        else
        {
            data[0] = (byte)(data.Length - 1);
            data[2] = deviceSpecific;
        }

        pages.CopyTo(data.AsSpan(header));
        command.Return(data, isLong ? command.Word(7) : command.Cdb[4]);
    }

    private static void Pad(Span<byte> destination, string text)
    {
        destination.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, destination.Length)), destination);
    }

    private void Inquire(ScsiCommand command)
    {
        var allocation = command.Word(3);
        if ((command.Cdb[1] & 1) != 0)
        {
            InquirePage(command, command.Cdb[2], allocation);
            return;
        }

        if (command.Cdb[2] != 0)
        {
            command.Reject(SenseData.InvalidField);
            return;
        }

        var data = new byte[ScsiConstants.InquiryLength];
        data[0] = DeviceType;
        data[1] = IsRemovable ? (byte)0x80 : (byte)0;
        data[2] = Spc3;
        data[3] = 2;
        data[4] = (byte)(data.Length - 5);
        data[7] = 2;
        Pad(data.AsSpan(8, 8), Identity.Vendor);
        Pad(data.AsSpan(16, 16), Identity.Product);
        Pad(data.AsSpan(32, 4), Identity.Revision);
        command.Return(data, allocation);
    }

    private void InquirePage(ScsiCommand command, byte page, int allocation)
    {
        byte[] content = page switch
        {
            ScsiConstants.VpdSupportedPages => ListPages(),
            ScsiConstants.VpdSerialNumber => Encoding.ASCII.GetBytes(Identity.Serial),
            ScsiConstants.VpdIdentification => DescribeIdentity(),
            _ => FindPage(page),
        };
        if (content.Length == 0)
        {
            command.Reject(SenseData.InvalidField);
            return;
        }

        var data = new byte[4 + content.Length];
        data[0] = DeviceType;
        data[1] = page;
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), (ushort)content.Length);
        content.CopyTo(data, 4);
        command.Return(data, allocation);
    }

    private byte[] ListPages() =>
    [
        ScsiConstants.VpdSupportedPages,
        .. Identity.Serial.Length == 0 ? [] : (byte[])[ScsiConstants.VpdSerialNumber],
        ScsiConstants.VpdIdentification,
        .. OwnPages,
    ];

    /// <summary>One NAA designator of 8 bytes.</summary>
    private byte[] DescribeIdentity()
    {
        var data = new byte[12];
        data[0] = 1;
        data[1] = 3;
        data[3] = 8;
        BinaryPrimitives.WriteUInt64BigEndian(data.AsSpan(4), Identity.Identifier);
        return data;
    }

    private void RequestSense(ScsiCommand command)
    {
        var data = new byte[ScsiConstants.FixedSenseLength];
        (_attentions.TryDequeue(out var attention) ? attention : default).Write(data);
        command.Return(data, command.Cdb[4]);
    }
}
