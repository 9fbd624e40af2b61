namespace GuestOS.Kernel.Core;

/// <summary>The root pointer (ACPI 6.5, 5.2.5) and the tables that it leads to.</summary>
internal static unsafe class AcpiRoot
{
    // "RSD PTR " with the first character in the lowest byte.
    private const ulong PointerSignature = 0x2052_5450_2044_5352;
    private const uint PointerLength1 = 20;
    private const uint PointerLength2 = 36;
    private const uint MaximumTables = 256;

    /// <summary>Address of the root pointer: the hint when it holds, else the first found in the places that the specification names; 0: none.</summary>
    public static ulong Find(ulong hint, ushort ebdaSegment)
    {
        if (hint != 0 && IsPointer(hint))
            return hint;
        ulong ebda = (ulong)ebdaSegment << 4;
        if (ebda >= 0x400 && ebda < 0xA0000)
        {
            ulong found = Scan(ebda, ebda + 1024);
            if (found != 0)
                return found;
        }

        return Scan(0xE0000, 0x100000);
    }

    /// <summary>First root pointer on a 16-byte boundary in [start, end); 0: none.</summary>
    public static ulong Scan(ulong start, ulong end)
    {
        for (ulong at = (start + 15) & ~15UL; at < end && end - at >= PointerLength1; at += 16)
        {
            if (IsPointer(at))
                return at;
        }

        return 0;
    }

    /// <summary>Reads all tables below a root pointer that <see cref="Find"/> returned.</summary>
    public static bool Walk(byte* pointer)
    {
        if (HasExtendedPart(pointer))
        {
            ulong xsdt = *(ulong*)(pointer + 24);
            byte* table = xsdt == 0 ? null : AcpiTable.Open(xsdt);
            if (table != null && AcpiTable.Signature(table) == AcpiTable.Xsdt)
                return WalkEntries(table, 8);
        }

        byte* rsdt = AcpiTable.Open(*(uint*)(pointer + 16));
        return rsdt != null && AcpiTable.Signature(rsdt) == AcpiTable.Rsdt && WalkEntries(rsdt, 4);
    }

    private static bool IsPointer(ulong address)
        => AcpiMemory.Contains(address, PointerLength1)
            && *(ulong*)address == PointerSignature
            && AcpiTable.Sum((byte*)address, PointerLength1) == 0;

    private static bool HasExtendedPart(byte* pointer)
    {
        if (pointer[15] < 2 || !AcpiMemory.Contains((ulong)pointer, PointerLength2))
            return false;
        uint length = *(uint*)(pointer + 20);
        return length >= PointerLength2 && length <= 4096
            && AcpiMemory.Contains((ulong)pointer, length)
            && AcpiTable.Sum(pointer, length) == 0;
    }

    private static bool WalkEntries(byte* root, uint entrySize)
    {
        uint count = (AcpiTable.Length(root) - AcpiTable.HeaderLength) / entrySize;
        if (count > MaximumTables)
            count = MaximumTables;
        byte* entries = root + AcpiTable.HeaderLength;
        for (uint i = 0; i < count; i++)
        {
            byte* table = AcpiTable.Open(Entry(entries, i, entrySize));
            if (table == null)
                continue;
            AcpiTables.TableCount++;
            Dispatch(table);
        }

        // Sleep types belong into the DSDT; some firmware keeps them in an SSDT.
        for (uint i = 0; i < count && !AcpiTables.HasSleepType5; i++)
        {
            ulong address = Entry(entries, i, entrySize);
            if (!AcpiMemory.Contains(address, AcpiTable.HeaderLength) || AcpiTable.Signature((byte*)address) != AcpiTable.Ssdt)
                continue;
            byte* table = AcpiTable.Open(address);
            if (table != null)
                SleepTypeScan.Scan(table + AcpiTable.HeaderLength, AcpiTable.Length(table) - AcpiTable.HeaderLength);
        }

        return true;
    }

    private static ulong Entry(byte* entries, uint index, uint entrySize)
        => entrySize == 8 ? *(ulong*)(entries + index * 8) : *(uint*)(entries + index * 4);

    private static void Dispatch(byte* table)
    {
        uint length = AcpiTable.Length(table);
        switch (AcpiTable.Signature(table))
        {
            case AcpiTable.Madt:
                MadtParser.Parse(table, length);
                break;
            case AcpiTable.Fadt:
                FadtParser.Parse(table, length);
                break;
            case AcpiTable.Hpet:
                ParseHpet(table, length);
                break;
            case AcpiTable.Mcfg:
                ParseMcfg(table, length);
                break;
        }
    }

    // IA-PC HPET specification 1.0a, 3.2.4: the base address is a generic address at 40; only memory makes sense.
    private static void ParseHpet(byte* table, uint length)
    {
        if (length < 56 || AcpiTables.HpetAddress != 0)
            return;
        AcpiRegister register = default;
        AcpiRegister.Parse(table + 40, ref register);
        if (register.Space == AcpiRegister.Memory && AcpiMemory.Contains(register.Address, 1024))
            AcpiTables.HpetAddress = register.Address;
    }

    // PCI firmware specification 3.3, 4.1.2: entries of 16 bytes from 44.
    private static void ParseMcfg(byte* table, uint length)
    {
        if (AcpiTables.McfgTable != 0)
            return;
        AcpiTables.McfgTable = (ulong)table;
        for (uint at = 44; length >= 16 && at <= length - 16; at += 16)
        {
            int index = AcpiTables.McfgCount;
            if (index == AcpiTables.MaximumMcfg)
                return;
            byte* entry = table + at;
            if (*(ulong*)entry == 0 || entry[10] > entry[11])
                continue;
            AcpiTables.Mcfg.Address[index] = *(ulong*)entry;
            AcpiTables.Mcfg.Segment[index] = *(ushort*)(entry + 8);
            AcpiTables.Mcfg.FirstBus[index] = entry[10];
            AcpiTables.Mcfg.LastBus[index] = entry[11];
            AcpiTables.McfgCount = index + 1;
        }
    }
}
