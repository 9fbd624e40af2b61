namespace GuestOS.Kernel.Core;

/// <summary>
/// Finds the sleep type of S5 in AML without an interpreter: <c>Name (\_S5, Package () { a, b, ... })</c> is always
/// NameOp, optional root character, "_S5_", PackageOp, PkgLength, count, then constants (ACPI 6.5, 20.2.5.4 and 7.4.2).
/// </summary>
internal static unsafe class SleepTypeScan
{
    private const uint Name = 0x5F35_535F;
    private const byte NameOp = 0x08;
    private const byte RootCharacter = (byte)'\\';
    private const byte PackageOp = 0x12;
    private const byte BytePrefix = 0x0A;
    private const byte WordPrefix = 0x0B;
    private const byte DwordPrefix = 0x0C;

    /// <summary>Scans a definition block's AML; sets the sleep types of <see cref="AcpiTables"/> when found.</summary>
    public static bool Scan(byte* code, uint length)
    {
        // The shortest package is 8 bytes: name, PackageOp, PkgLength, count, one constant.
        for (uint at = 1; length >= 8 && at <= length - 8; at++)
        {
            if (*(uint*)(code + at) != Name || code[at + 4] != PackageOp)
                continue;
            if (code[at - 1] != NameOp && !(code[at - 1] == RootCharacter && at >= 2 && code[at - 2] == NameOp))
                continue;
            if (ReadPackage(code, length, at + 5))
                return true;
        }

        return false;
    }

    private static bool ReadPackage(byte* code, uint length, uint at)
    {
        // Bits 6-7 of the first length byte count the length bytes that follow it.
        uint position = at + 1 + (uint)(code[at] >> 6);
        if (position >= length)
            return false;
        byte elements = code[position];
        position++;
        if (elements == 0 || !ReadConstant(code, length, ref position, out byte a))
            return false;
        byte b = 0;
        if (elements >= 2 && !ReadConstant(code, length, ref position, out b))
            return false;
        AcpiTables.SleepType5A = (byte)(a & 7);
        AcpiTables.SleepType5B = (byte)(b & 7);
        AcpiTables.HasSleepType5 = true;
        return true;
    }

    private static bool ReadConstant(byte* code, uint length, ref uint position, out byte value)
    {
        value = 0;
        if (position >= length)
            return false;
        byte first = code[position];
        if (first <= 1)
        {
            value = first;
            position++;
            return true;
        }

        uint size = first switch
        {
            BytePrefix => 1,
            WordPrefix => 2,
            DwordPrefix => 4,
            _ => 0U,
        };
        if (size == 0 || length - position <= size)
            return false;
        value = code[position + 1];
        position += 1 + size;
        return true;
    }
}
