namespace GuestOS.Drivers.Ata;

/// <summary>One command for one drive: what the task file gets and how the data moves. Reused; filled by whoever owns the channel.</summary>
internal sealed class AtaCommand
{
    /// <summary>Longest command packet (ATA/ATAPI-6 8.16: 12 or 16 bytes).</summary>
    public const int LongestPacket = 16;

    private readonly byte[] _packet = new byte[LongestPacket];

    public AtaOpcode Opcode { get; private set; }

    public CommandProtocol Protocol { get; private set; }

    /// <summary>0 or 1.</summary>
    public int Drive { get; private set; }

    /// <summary>A 48-bit command: registers are written twice.</summary>
    public bool IsExtended { get; private set; }

    /// <summary>The device register's LBA bit, and for 28-bit commands LBA 27:24.</summary>
    public byte DeviceBits { get; private set; }

    public ulong Lba { get; private set; }

    /// <summary>Value of the sector count register; the maximum is written as 0 (256 or 65536).</summary>
    public int Count { get; private set; }

    /// <summary>Null when the command has no use for the register.</summary>
    public ushort? Features { get; private set; }

    /// <summary>What PIO moves.</summary>
    public Memory<byte> Data { get; private set; }

    /// <summary>Bytes for one DRQ of PIO; the byte count limit of a packet command.</summary>
    public int DrqBytes { get; private set; }

    /// <summary>Bytes that the command moves, by whatever way.</summary>
    public int Length { get; private set; }

    public TimeSpan Timeout { get; private set; }

    /// <summary>The packet, padded with zeros to the drive's packet size.</summary>
    public ReadOnlySpan<byte> Packet => _packet.AsSpan(0, PacketLength);

    /// <summary>12 or 16; 0 for commands without a packet.</summary>
    public int PacketLength { get; private set; }

    /// <summary>The drive interrupts when it wants the packet (IDENTIFY PACKET DEVICE word 0, bits 6:5 = 01).</summary>
    public bool PacketInterrupts { get; private set; }

    public bool IsDma => Protocol is CommandProtocol.DmaIn or CommandProtocol.DmaOut or CommandProtocol.PacketDmaIn;

    public bool IsPacket => Protocol is CommandProtocol.PacketNonData or CommandProtocol.PacketPioIn or CommandProtocol.PacketDmaIn;

    /// <summary>The command as its standard names it.</summary>
    public string Name => IsPacket ? ScsiText.Name(_packet[0]) : AtaText.Name(Opcode);

    /// <summary>A command that reads or writes sectors.</summary>
    public void SetTransfer(AtaOpcode opcode, CommandProtocol protocol, int drive, bool extended, ulong lba, int count, int length, TimeSpan timeout)
    {
        Reset(opcode, protocol, drive, timeout);
        IsExtended = extended;
        DeviceBits = (byte)(DeviceRegister.Lba | (extended ? 0 : (int)(lba >> 24) & 0x0F));
        Lba = lba;
        Count = count;
        Length = length;
    }

    /// <summary>Any other command of an ATA disk.</summary>
    public void SetControl(AtaOpcode opcode, CommandProtocol protocol, int drive, TimeSpan timeout, ushort? features = null, int count = 0, bool extended = false)
    {
        Reset(opcode, protocol, drive, timeout);
        IsExtended = extended;
        DeviceBits = opcode is AtaOpcode.FlushCache or AtaOpcode.FlushCacheExt or AtaOpcode.DataSetManagement ? DeviceRegister.Lba : (byte)0;
        Features = features;
        Count = count;
    }

    /// <summary>Where PIO moves the data, and how much for each interrupt.</summary>
    public void SetPio(Memory<byte> data, int drqBytes)
    {
        Data = data;
        DrqBytes = drqBytes;
        Length = data.Length;
    }

    /// <summary>A packet command; the caller fills the packet that is returned, zeroed.</summary>
    public Span<byte> SetPacket(CommandProtocol protocol, int drive, int packetLength, bool packetInterrupts, int length, byte features, TimeSpan timeout)
    {
        Reset(AtaOpcode.Packet, protocol, drive, timeout);
        Features = features;
        PacketLength = packetLength;
        PacketInterrupts = packetInterrupts;
        Length = length;
        Array.Clear(_packet);
        return _packet.AsSpan(0, packetLength);
    }

    private void Reset(AtaOpcode opcode, CommandProtocol protocol, int drive, TimeSpan timeout)
    {
        Opcode = opcode;
        Protocol = protocol;
        Drive = drive;
        Timeout = timeout;
        IsExtended = false;
        DeviceBits = 0;
        Lba = 0;
        Count = 0;
        Features = null;
        Data = default;
        DrqBytes = 0;
        Length = 0;
        PacketLength = 0;
        PacketInterrupts = false;
    }
}
