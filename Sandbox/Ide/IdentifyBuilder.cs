using System.Buffers.Binary;

namespace GuestOS.Sandbox.Ide;

/// <summary>Answers of IDENTIFY DEVICE and IDENTIFY PACKET DEVICE (ATA/ATAPI-6 8.15, 8.16; ACS-2 7.18).</summary>
public static class IdentifyBuilder
{
    private const int Size = 512;

    /// <summary>512 bytes for a disk.</summary>
    /// <param name="options">The disk.</param>
    /// <param name="multiple">Current setting of SET MULTIPLE MODE; 0 for none.</param>
    /// <param name="mode">Selected DMA mode as the sector count of SET FEATURES; 0 for none.</param>
    public static byte[] Disk(IdeDiskOptions options, int multiple, int mode)
    {
        ArgumentNullException.ThrowIfNull(options);
        var data = new byte[Size];
        Set(data, 0, 0x0040);
        Text(data, 10, 10, options.Serial);
        Text(data, 23, 4, "1.0");
        Text(data, 27, 20, options.Model);
        Set(data, 47, 0x8000 | options.MaximumMultiple);
        Set(data, 49, 0x0200 | (options.HasDma ? 0x0100 : 0));
        Set(data, 53, 0x0006);
        if (multiple > 0)
            Set(data, 59, 0x0100 | multiple);
        var blocks28 = (uint)Math.Min(options.BlockCount, 0x0FFF_FFFF);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(120), blocks28);
        if (options.HasDma)
            SetModes(data, mode);
        Set(data, 80, 0x01F0);
        Set(data, 82, options.HasWriteCache ? 0x0020 : 0);
        Set(data, 83, 0x4000 | 0x1000 | (options.HasLba48 ? 0x2400 : 0));
        Set(data, 84, 0x4000);
        Set(data, 85, options.HasWriteCache ? 0x0020 : 0);
        Set(data, 86, 0x1000 | (options.HasLba48 ? 0x2400 : 0));
        Set(data, 87, 0x4000);
        if (options.HasLba48)
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(200), options.BlockCount);
        Set(data, 106, 0x4000 | (options.PhysicalExponent > 0 ? 0x2000 | options.PhysicalExponent : 0) | (options.BlockSize != 512 ? 0x1000 : 0));
        if (options.BlockSize != 512)
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(234), (uint)options.BlockSize / 2);
        if (options.HasTrim)
        {
            Set(data, 105, 1);
            Set(data, 169, 1);
        }

        return Sign(data);
    }

    /// <summary>512 bytes for a packet drive.</summary>
    /// <param name="model">Model name.</param>
    /// <param name="serial">Serial number.</param>
    /// <param name="hasDma">DMA offered.</param>
    /// <param name="interruptsForPacket">The drive interrupts when it wants the packet.</param>
    /// <param name="mode">Selected DMA mode as the sector count of SET FEATURES; 0 for none.</param>
    public static byte[] Packet(string model, string serial, bool hasDma, bool interruptsForPacket, int mode)
    {
        var data = new byte[Size];
        Set(data, 0, 0x8580 | (interruptsForPacket ? 0x20 : 0x40));
        Text(data, 10, 10, serial);
        Text(data, 23, 4, "1.0");
        Text(data, 27, 20, model);
        Set(data, 49, 0x0200 | (hasDma ? 0x0100 : 0));
        Set(data, 53, 0x0006);
        if (hasDma)
            SetModes(data, mode);
        Set(data, 80, 0x0070);
        Set(data, 82, 0x0010);
        Set(data, 83, 0x4000);
        Set(data, 84, 0x4000);
        return Sign(data);
    }

    private static void SetModes(byte[] data, int mode)
    {
        Set(data, 63, 0x0007 | ((mode & 0xF8) == 0x20 ? 0x100 << (mode & 7) : 0));
        Set(data, 88, 0x003F | ((mode & 0xF8) == 0x40 ? 0x100 << (mode & 7) : 0));
    }

    private static void Set(byte[] data, int word, int value) => BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(word * 2), (ushort)value);

    /// <summary>Two characters to a word, the first one in the high byte, padded with blanks.</summary>
    private static void Text(byte[] data, int word, int words, string text)
    {
        for (var i = 0; i < words * 2; i++)
            data[(word * 2) + (i ^ 1)] = i < text.Length ? (byte)text[i] : (byte)' ';
    }

    private static byte[] Sign(byte[] data)
    {
        data[510] = 0xA5;
        byte sum = 0;
        foreach (var value in data)
            sum += value;
        data[511] = (byte)-sum;
        return data;
    }
}
