using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>How the offer of an IDE accelerator names its disk: in its instance id, and in its user-defined data.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct IdeOffer
{
    /// <summary>Bytes 6 and 7 of the instance id.</summary>
    public const ushort InstanceMark = 0x8899;

    /// <summary>Flag: it is an IDE device.</summary>
    public const uint IsIde = 2;

    /// <summary>0: zero.</summary>
    public ushort Reserved0;

    /// <summary>2: bus.</summary>
    public byte Path;

    /// <summary>3: device on the channel.</summary>
    public byte Target;

    /// <summary>4: zero.</summary>
    public uint Reserved1;

    /// <summary>8.</summary>
    public uint Flags;

    /// <summary>12: zero.</summary>
    public uint Reserved2;

    /// <summary>16: zero.</summary>
    public ulong Reserved3;

    /// <summary>The instance id of a disk.</summary>
    public static Guid InstanceOf(int channel, int device)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)channel);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], (ushort)device);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], InstanceMark);
        return new Guid(bytes);
    }

    /// <summary>Reads an instance id; false when it names no disk of the two channels (rule S9).</summary>
    public static bool TryRead(Guid instance, out int channel, out int device)
    {
        Span<byte> bytes = stackalloc byte[16];
        instance.TryWriteBytes(bytes);
        var first = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var second = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        (channel, device) = first <= 1 && second <= 1 ? ((int)first, second) : (0, 0);
        return first <= 1 && second <= 1 && BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) == InstanceMark && !bytes[8..].ContainsAnyExcept((byte)0);
    }
}
