namespace GuestOS.Kernel.Core;

/// <summary>The Multiple APIC Description Table (ACPI 6.5, 5.2.12).</summary>
internal static unsafe class MadtParser
{
    private const uint FirstEntry = 44;
    private const byte LocalApic = 0;
    private const byte IoApic = 1;
    private const byte SourceOverride = 2;
    private const byte NmiSource = 3;
    private const byte LocalApicNmi = 4;
    private const byte AddressOverride = 5;
    private const byte LocalX2Apic = 9;
    private const byte LocalX2ApicNmi = 10;
    private const uint Enabled = 1;

    /// <summary>Records the table; only the first one of a machine counts.</summary>
    public static void Parse(byte* table, uint length)
    {
        if (length < FirstEntry || AcpiTables.HasMadt)
            return;
        AcpiTables.HasMadt = true;
        AcpiTables.LocalApicAddress = *(uint*)(table + 36);
        AcpiTables.HasPic = (*(uint*)(table + 40) & 1) != 0;

        uint at = FirstEntry;
        while (length - at >= 2)
        {
            byte* entry = table + at;
            uint size = entry[1];
            if (size < 2 || size > length - at)
                return;
            ParseEntry(entry, size);
            at += size;
        }
    }

    private static void ParseEntry(byte* entry, uint size)
    {
        switch (entry[0])
        {
            case LocalApic when size >= 8:
                // 0xFF is the broadcast id: no processor.
                if (entry[3] != 0xFF)
                    AddCpu(entry[3], entry[2], *(uint*)(entry + 4));
                break;
            case LocalX2Apic when size >= 16:
                if (*(uint*)(entry + 4) != 0xFFFF_FFFF)
                    AddCpu(*(uint*)(entry + 4), *(uint*)(entry + 12), *(uint*)(entry + 8));
                break;
            case IoApic when size >= 12:
                AddIoApic(entry[2], *(uint*)(entry + 4), *(uint*)(entry + 8));
                break;
            case SourceOverride when size >= 10:
                AddOverride(entry[2], entry[3], *(uint*)(entry + 4), *(ushort*)(entry + 8));
                break;
            case NmiSource when size >= 8:
                AddNmi(*(uint*)(entry + 4), *(ushort*)(entry + 2));
                break;
            case LocalApicNmi when size >= 6:
                AddLocalNmi(entry[2] == 0xFF ? 0xFFFF_FFFF : entry[2], *(ushort*)(entry + 3), entry[5]);
                break;
            case LocalX2ApicNmi when size >= 12:
                AddLocalNmi(*(uint*)(entry + 4), *(ushort*)(entry + 2), entry[8]);
                break;
            case AddressOverride when size >= 12:
                AcpiTables.LocalApicAddress = *(ulong*)(entry + 4);
                break;
        }
    }

    // Firmware may list one processor as local APIC and as local x2APIC.
    private static void AddCpu(uint apicId, uint uid, uint flags)
    {
        if ((flags & Enabled) == 0)
            return;
        int count = AcpiTables.CpuCount;
        for (int i = 0; i < count; i++)
        {
            if (AcpiTables.Cpus.ApicId[i] == apicId)
                return;
        }

        if (count == AcpiTables.MaximumCpus)
        {
            AcpiTables.CpusIgnored++;
            return;
        }

        AcpiTables.Cpus.ApicId[count] = apicId;
        AcpiTables.Cpus.Uid[count] = uid;
        AcpiTables.CpuCount = count + 1;
    }

    private static void AddIoApic(byte id, uint address, uint gsiBase)
    {
        int index = AcpiTables.IoApicCount;
        if (index == AcpiTables.MaximumIoApics || !AcpiMemory.Contains(address, 0x20))
            return;
        AcpiTables.IoApics.Id[index] = id;
        AcpiTables.IoApics.Address[index] = address;
        AcpiTables.IoApics.GsiBase[index] = gsiBase;
        AcpiTables.IoApicCount = index + 1;
    }

    private static void AddOverride(byte bus, byte irq, uint gsi, ushort flags)
    {
        if (bus != 0 || irq >= AcpiTables.IsaInterrupts)
            return;
        if (AcpiTables.Interrupts.HasOverride[irq] == 0)
            AcpiTables.OverrideCount++;
        AcpiTables.Interrupts.OverrideGsi[irq] = gsi;
        AcpiTables.Interrupts.OverrideFlags[irq] = flags;
        AcpiTables.Interrupts.HasOverride[irq] = 1;
    }

    private static void AddNmi(uint gsi, ushort flags)
    {
        int index = AcpiTables.NmiCount;
        if (index == AcpiTables.MaximumNmis)
            return;
        AcpiTables.Interrupts.NmiGsi[index] = gsi;
        AcpiTables.Interrupts.NmiFlags[index] = flags;
        AcpiTables.NmiCount = index + 1;
    }

    private static void AddLocalNmi(uint uid, ushort flags, byte input)
    {
        int index = AcpiTables.LocalNmiCount;
        if (index == AcpiTables.MaximumNmis || input > 1)
            return;
        AcpiTables.Interrupts.LocalNmiUid[index] = uid;
        AcpiTables.Interrupts.LocalNmiFlags[index] = flags;
        AcpiTables.Interrupts.LocalNmiInput[index] = input;
        AcpiTables.LocalNmiCount = index + 1;
    }
}
