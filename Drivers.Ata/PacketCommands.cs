using System.Buffers.Binary;

namespace GuestOS.Drivers.Ata;

/// <summary>Command descriptor blocks, big-endian (SPC-3 4.3, MMC-4 6). The packet is zeroed before.</summary>
internal static class PacketCommands
{
    /// <summary>READ(10) where the count fits its 16 bits, READ(12) beyond.</summary>
    public static void Read(Span<byte> packet, uint block, uint count)
    {
        BinaryPrimitives.WriteUInt32BigEndian(packet[2..], block);
        if (count <= ushort.MaxValue)
        {
            packet[0] = ScsiOpcode.Read10;
            BinaryPrimitives.WriteUInt16BigEndian(packet[7..], (ushort)count);
            return;
        }

        packet[0] = ScsiOpcode.Read12;
        BinaryPrimitives.WriteUInt32BigEndian(packet[6..], count);
    }

    public static void TestUnitReady(Span<byte> packet) => packet[0] = ScsiOpcode.TestUnitReady;

    public static void RequestSense(Span<byte> packet)
    {
        packet[0] = ScsiOpcode.RequestSense;
        packet[4] = ScsiSense.Size;
    }

    public static void ReadCapacity(Span<byte> packet) => packet[0] = ScsiOpcode.ReadCapacity10;

    /// <summary>LoEj and Start: tray in and spin up, or stop and tray out (MMC-4 6.38).</summary>
    public static void StartStop(Span<byte> packet, bool load)
    {
        packet[0] = ScsiOpcode.StartStopUnit;
        packet[4] = (byte)(load ? 3 : 2);
    }

    public static void PreventRemoval(Span<byte> packet, bool prevent)
    {
        packet[0] = ScsiOpcode.PreventAllowMediumRemoval;
        packet[4] = (byte)(prevent ? 1 : 0);
    }

    /// <summary>Polled, class 4: media (MMC-4 6.6).</summary>
    public static void GetMediumEvent(Span<byte> packet)
    {
        packet[0] = ScsiOpcode.GetEventStatusNotification;
        packet[1] = 1;
        packet[4] = 1 << MediumEventReader.MediaClass;
        packet[8] = MediumEventReader.Size;
    }
}
