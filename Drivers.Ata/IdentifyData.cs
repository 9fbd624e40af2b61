using System.Buffers.Binary;
using System.Numerics;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// What a drive says about itself: the 512 bytes of IDENTIFY DEVICE (ATA/ATAPI-6 8.15, ACS-2 7.18) and IDENTIFY PACKET DEVICE
/// (ATA/ATAPI-6 8.16), copied, checked and clamped. Nothing of it is trusted further than the numbers here say.
/// </summary>
public sealed record IdentifyData
{
    /// <summary>Size of the answer in bytes.</summary>
    public const int Size = 512;

    /// <summary>Most blocks that 28-bit commands reach.</summary>
    public const ulong Lba28Blocks = 0x1000_0000;

    /// <summary>Most blocks that 48-bit commands reach.</summary>
    public const ulong Lba48Blocks = 0x1_0000_0000_0000;

    private const int LargestBlock = 4096;
    private const int LargestMultiple = 128;

    /// <summary>Answer of IDENTIFY PACKET DEVICE.</summary>
    public bool IsPacket { get; private init; }

    /// <summary>Words 27 to 46.</summary>
    public string Model { get; private init; } = "";

    /// <summary>Words 10 to 19.</summary>
    public string Serial { get; private init; } = "";

    /// <summary>Words 23 to 26.</summary>
    public string Firmware { get; private init; } = "";

    /// <summary>Addressable blocks; 0 for a packet drive.</summary>
    public ulong BlockCount { get; private init; }

    /// <summary>Bytes in a logical block (words 106, 117, 118): 512 to 4096; 2048 for a packet drive until its medium says otherwise.</summary>
    public int BlockSize { get; private init; }

    /// <summary>Bytes in a physical block (word 106).</summary>
    public int PhysicalBlockSize { get; private init; }

    /// <summary>48-bit commands (word 83 bit 10).</summary>
    public bool HasLba48 { get; private init; }

    /// <summary>The drive offers DMA and lists at least one mode.</summary>
    public bool HasDma { get; private init; }

    /// <summary>Supported multiword DMA modes, bits 2:0 (word 63).</summary>
    public byte MultiwordModes { get; private init; }

    /// <summary>Selected multiword DMA modes (word 63).</summary>
    public byte MultiwordSelected { get; private init; }

    /// <summary>Supported Ultra DMA modes, bits 6:0 (word 88).</summary>
    public byte UltraModes { get; private init; }

    /// <summary>Selected Ultra DMA mode (word 88).</summary>
    public byte UltraSelected { get; private init; }

    /// <summary>Most sectors for one DRQ of READ MULTIPLE (word 47), a power of two; 0 when there is none.</summary>
    public int MaximumMultiple { get; private init; }

    /// <summary>FLUSH CACHE (word 83 bit 12).</summary>
    public bool HasFlush { get; private init; }

    /// <summary>FLUSH CACHE EXT (word 83 bit 13).</summary>
    public bool HasFlushExt { get; private init; }

    /// <summary>The write cache is on (word 85 bit 5).</summary>
    public bool HasWriteCache { get; private init; }

    /// <summary>DATA SET MANAGEMENT with TRIM (word 169 bit 0).</summary>
    public bool HasTrim { get; private init; }

    /// <summary>Removable medium (word 0 bit 7).</summary>
    public bool IsRemovable { get; private init; }

    /// <summary>Bytes of a command packet: 12 or 16 (word 0 bits 1:0).</summary>
    public int PacketSize { get; private init; }

    /// <summary>The drive interrupts when it is ready for the packet (word 0 bits 6:5 = 01).</summary>
    public bool PacketInterrupts { get; private init; }

    /// <summary>The drive wants to be told the direction of packet DMA (word 62 bit 15, ATA8-ACS).</summary>
    public bool NeedsDmaDirection { get; private init; }

    /// <summary>What had to be clamped or ignored; null when all was plausible.</summary>
    public string? Oddity { get; private init; }

    /// <summary>Same drive as <paramref name="other"/>, as far as it can be told.</summary>
    public bool IsSameDrive(IdentifyData other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsPacket == other.IsPacket && Model == other.Model && Serial == other.Serial
            && BlockCount == other.BlockCount && BlockSize == other.BlockSize;
    }

    /// <summary>Reads the answer. False, with the reason, when the drive cannot be used.</summary>
    /// <param name="data">The answer; at least <see cref="Size"/> bytes.</param>
    /// <param name="packet">It is the answer of IDENTIFY PACKET DEVICE.</param>
    /// <param name="identify">The numbers, clamped.</param>
    /// <param name="problem">Why the drive cannot be used.</param>
    public static bool TryRead(ReadOnlySpan<byte> data, bool packet, out IdentifyData? identify, out string? problem)
    {
        identify = null;
        if (data.Length < Size)
        {
            problem = $"only {data.Length} bytes";
            return false;
        }

        problem = packet ? CheckPacket(Word(data, 0)) : CheckDisk(data);
        if (problem is not null)
            return false;
        identify = packet ? ReadPacket(data) : ReadDisk(data, out problem);
        return identify is not null;
    }

    private static string? CheckPacket(ushort general) =>
        (general & 0xC000) != 0x8000 ? $"word 0 is {general:x4}, not a packet drive" : null;

    private static string? CheckDisk(ReadOnlySpan<byte> data)
    {
        var general = Word(data, 0);
        if (data[..Size].IndexOfAnyExcept((byte)0) < 0 || data[..Size].IndexOfAnyExcept((byte)0xFF) < 0)
            return "the answer is empty";

        // 848A is CompactFlash, which is an ATA disk in all but this word (CFA 6.2.1.6).
        if ((general & 0x8000) != 0 && general != 0x848A)
            return $"word 0 is {general:x4}, not an ATA disk";
        return (Word(data, 49) & 0x0200) == 0 ? "no LBA addressing (word 49 bit 9)" : null;
    }

    private static IdentifyData? ReadDisk(ReadOnlySpan<byte> data, out string? problem)
    {
        problem = null;
        string? oddity = ChecksumIsWrong(data) ? "wrong checksum (word 255)" : null;

        // Words 82 to 87 count only when bits 15:14 of words 83 and 87 are 01.
        var supported = IsMarked(Word(data, 83)) ? Word(data, 83) : (ushort)0;
        var lba48 = (supported & 0x0400) != 0;
        var blocks = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(data[120..]);
        if (lba48)
        {
            var extended = BinaryPrimitives.ReadUInt64LittleEndian(data[200..]);
            if (extended > Lba48Blocks)
                oddity = $"{extended} blocks, beyond what 48-bit commands reach";
            if (extended != 0)
                blocks = Math.Min(extended, Lba48Blocks);
        }

        if (!lba48 && blocks > Lba28Blocks)
        {
            oddity = $"{blocks} blocks, beyond what 28-bit commands reach";
            blocks = Lba28Blocks;
        }

        if (blocks == 0)
            problem = "no capacity";
        var blockSize = ReadBlockSize(data, out var physicalSize, ref oddity, ref problem);
        if (problem is not null)
            return null;
        var multiple = Word(data, 47) & 0xFF;
        if (multiple > LargestMultiple)
            oddity = $"{multiple} sectors per block (word 47)";
        multiple = Math.Min(multiple, LargestMultiple);
        multiple = multiple == 0 ? 0 : 1 << BitOperations.Log2((uint)multiple);
        return ReadCommon(data) with
        {
            BlockCount = blocks,
            BlockSize = blockSize,
            PhysicalBlockSize = physicalSize,
            HasLba48 = lba48,
            MaximumMultiple = multiple,
            HasFlush = (supported & 0x1000) != 0,
            HasFlushExt = lba48 && (supported & 0x2000) != 0,
            HasWriteCache = IsMarked(Word(data, 87)) && (Word(data, 85) & 0x0020) != 0,
            HasTrim = (Word(data, 169) & 1) != 0 && Word(data, 169) != 0xFFFF,
            Oddity = oddity,
        };
    }

    private static int ReadBlockSize(ReadOnlySpan<byte> data, out int physical, ref string? oddity, ref string? problem)
    {
        var size = 512;
        var word = Word(data, 106);
        var valid = IsMarked(word);
        if (valid && (word & 0x1000) != 0)
        {
            var bytes = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(data[234..]) * 2;
            if (bytes is < 512 or > LargestBlock || !BitOperations.IsPow2(bytes))
                problem ??= $"logical blocks of {bytes} bytes (words 117, 118)";
            else
                size = (int)bytes;
        }

        physical = size;
        if (valid && (word & 0x2000) != 0)
        {
            var exponent = word & 0x0F;
            if (exponent > 8)
                oddity = $"2^{exponent} logical blocks in a physical one (word 106)";
            else
                physical = size << exponent;
        }

        return size;
    }

    private static IdentifyData ReadPacket(ReadOnlySpan<byte> data)
    {
        var general = Word(data, 0);
        var oddity = (general & 3) > 1 ? $"packet size code {general & 3} (word 0)" : null;
        return ReadCommon(data) with
        {
            IsPacket = true,
            BlockSize = 2048,
            PhysicalBlockSize = 2048,
            PacketSize = (general & 3) == 1 ? 16 : 12,
            PacketInterrupts = (general & 0x60) == 0x20,
            NeedsDmaDirection = (Word(data, 62) & 0x8000) != 0,
            Oddity = oddity,
        };
    }

    private static IdentifyData ReadCommon(ReadOnlySpan<byte> data)
    {
        var multiword = Word(data, 63);
        var ultra = (Word(data, 53) & 4) != 0 ? Word(data, 88) : (ushort)0;
        var multiwordModes = (byte)(multiword & 7);
        var ultraModes = (byte)(ultra & 0x7F);
        return new IdentifyData
        {
            Model = Text(data.Slice(54, 40)),
            Serial = Text(data.Slice(20, 20)),
            Firmware = Text(data.Slice(46, 8)),
            IsRemovable = (Word(data, 0) & 0x80) != 0,
            HasDma = (Word(data, 49) & 0x0100) != 0 && (multiwordModes | ultraModes) != 0,
            MultiwordModes = multiwordModes,
            MultiwordSelected = (byte)((multiword >> 8) & 7),
            UltraModes = ultraModes,
            UltraSelected = (byte)((ultra >> 8) & 0x7F),
        };
    }

    /// <summary>Bits 15:14 are 01: the word is implemented.</summary>
    private static bool IsMarked(ushort word) => (word & 0xC000) == 0x4000;

    private static ushort Word(ReadOnlySpan<byte> data, int index) => BinaryPrimitives.ReadUInt16LittleEndian(data[(index * 2)..]);

    /// <summary>Word 255: signature A5 says that all 512 bytes add up to zero (ATA/ATAPI-6 8.15.61).</summary>
    private static bool ChecksumIsWrong(ReadOnlySpan<byte> data)
    {
        if (data[510] != 0xA5)
            return false;
        byte sum = 0;
        foreach (var value in data[..Size])
            sum += value;
        return sum != 0;
    }

    /// <summary>The first character of each pair is in the high byte. Whatever is not printable ASCII becomes a blank.</summary>
    private static string Text(ReadOnlySpan<byte> data)
    {
        Span<char> characters = stackalloc char[40];
        for (var i = 0; i < data.Length; i++)
        {
            var value = data[i ^ 1];
            characters[i] = value is >= 0x20 and < 0x7F ? (char)value : ' ';
        }

        return new string(characters[..data.Length].Trim(' '));
    }
}
