using System.Buffers.Binary;

namespace GuestOS.Drivers.Tulip;

/// <summary>Reads the serial ROM (93C46 or larger: MICROWIRE) bit by bit through CSR9.</summary>
internal static class SromReader
{
    /// <summary>Bytes that the format uses.</summary>
    public const int Size = 128;

    private const int ShortestAddress = 6;
    private const int LongestAddress = 12;

    /// <summary>Start bit and the opcode of READ.</summary>
    private const uint ReadCommand = 0b110;
    private const int CommandBits = 3;

    /// <summary>Reads the first 64 words.</summary>
    /// <returns>False when no ROM answers.</returns>
    public static bool TryRead(ChipRegisters registers, Span<byte> destination)
    {
        if (!TryFindAddressBits(registers, out var addressBits))
            return false;
        for (var word = 0; word < Size / 2; word++)
            BinaryPrimitives.WriteUInt16LittleEndian(destination[(word * 2)..], ReadWord(registers, word, addressBits));
        return true;
    }

    /// <summary>A ROM answers a read with a zero as soon as it has the last bit of the address.</summary>
    private static bool TryFindAddressBits(ChipRegisters registers, out int addressBits)
    {
        Begin(registers);
        Send(registers, ReadCommand, CommandBits);
        addressBits = 0;
        var high = true;
        while (high && addressBits < LongestAddress)
        {
            high = Clock(registers, false);
            addressBits++;
        }

        End(registers);
        return !high && addressBits >= ShortestAddress;
    }

    private static ushort ReadWord(ChipRegisters registers, int word, int addressBits)
    {
        Begin(registers);
        Send(registers, (ReadCommand << addressBits) | (uint)word, CommandBits + addressBits);
        var value = 0;
        for (var i = 0; i < 16; i++)
            value = (value << 1) | (Clock(registers, false) ? 1 : 0);
        End(registers);
        return (ushort)value;
    }

    private static void Begin(ChipRegisters registers)
    {
        registers.Write(Csr.SerialRomAndMii, SerialBits.SromRead);
        registers.Write(Csr.SerialRomAndMii, SerialBits.SromRead | SerialBits.ChipSelect);
    }

    private static void End(ChipRegisters registers)
    {
        registers.Write(Csr.SerialRomAndMii, SerialBits.SromRead);
        registers.Write(Csr.SerialRomAndMii, 0);
    }

    private static void Send(ChipRegisters registers, uint bits, int count)
    {
        for (var i = count - 1; i >= 0; i--)
            Clock(registers, ((bits >> i) & 1) != 0);
    }

    /// <summary>One clock: the ROM takes a bit at the rising edge, and its own is read while the clock is high. The reads keep the ROM's pace (250 ns).</summary>
    private static bool Clock(ChipRegisters registers, bool bit)
    {
        var value = SerialBits.SromRead | SerialBits.ChipSelect | (bit ? SerialBits.SromDataIn : 0);
        registers.Write(Csr.SerialRomAndMii, value);
        _ = registers.Read(Csr.SerialRomAndMii);
        registers.Write(Csr.SerialRomAndMii, value | SerialBits.SromClock);
        var answer = registers.Read(Csr.SerialRomAndMii);
        registers.Write(Csr.SerialRomAndMii, value);
        return (answer & SerialBits.SromDataOut) != 0;
    }
}
