using System.Buffers.Binary;
using GuestOS.Kernel.Core;
using GuestOS.Testing.Images;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// ACPI tables as firmware leaves them, with any bytes changed and checksums that are right. They lie between pages that cannot be read: a stray read
/// ends the process. An input is changes: a table, a place, a count and bytes.
/// </summary>
public sealed class AcpiTarget : FuzzTarget
{
    private const int MostChanges = 16;
    private const int Header = 36;
    private const int Lists = 16;

    /// <summary>Package \_S5 of two bytes, in the code of a device scope.</summary>
    private static readonly byte[] Sleep = [0x10, 0x20, 0x08, 0x5F, 0x53, 0x35, 0x5F, 0x12, 0x08, 0x04, 0x0A, 5, 0x0A, 5, 0x00, 0x00];

    /// <inheritdoc/>
    public override string Name => "acpi-tables";

    /// <inheritdoc/>
    public override int MostBytes => 256;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        using var firmware = new Firmware();
        var dsdt = firmware.Add("DSDT", 2, Sleep);
        var fadt = new byte[240];
        BinaryPrimitives.WriteUInt32LittleEndian(fadt.AsSpan(40 - Header), dsdt);
        BinaryPrimitives.WriteUInt32LittleEndian(fadt.AsSpan(64 - Header), 0x404);
        var hpet = new byte[20];
        BinaryPrimitives.WriteUInt64LittleEndian(hpet.AsSpan(44 - Header), firmware.Address);
        var madt = new MadtBuilder().LocalApic(0, 0, 1).IoApic(0, (uint)firmware.Address, 0).Override(9, 9, 0xD).Nmi(0xD, 23)
            .LocalNmi(0xFF, 0, 1).X2Apic(1, 1, 1).X2ApicNmi(0xF, 1, 0).Address64(0xFEE0_0000);
        uint[] listed =
        [
            firmware.Add("FACP", 5, fadt), firmware.Add("HPET", 1, hpet), firmware.Add("MCFG", 1, new byte[24]),
            firmware.Add("APIC", 3, madt.Body, atEnd: true), firmware.Add("SSDT", 1, Sleep),
        ];
        var root = firmware.AddXsdt(listed);
        uint[] tables = [.. listed, dsdt, root];
        for (var change = 0; change < MostChanges && !decisions.IsUsedUp; change++)
        {
            var address = tables[decisions.Next() % tables.Length];
            var content = firmware.Bytes[(int)(address - firmware.Address)..];
            var place = 4 + (decisions.Next() % 252);
            for (var count = decisions.Next() % 16; count >= 0; count--, place++)
            {
                if (place < content.Length)
                    content[place] = (byte)decisions.Next();
            }
        }

        foreach (var address in tables)
        {
            var content = firmware.Bytes[(int)(address - firmware.Address)..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(content[4..]) is >= Header and var length && length <= content.Length)
                firmware.Resign(address);
        }

        firmware.SetRoot(2, 0, root);
        firmware.Load();
        Require(AcpiTables.CpuCount <= AcpiTables.MaximumCpus, $"{AcpiTables.CpuCount} processors");
        Require(AcpiTables.IoApicCount <= AcpiTables.MaximumIoApics, $"{AcpiTables.IoApicCount} I/O APICs");
        Require(AcpiTables.NmiCount <= AcpiTables.MaximumNmis && AcpiTables.LocalNmiCount <= AcpiTables.MaximumCpus, "too many NMIs");
        Require(AcpiTables.McfgCount <= AcpiTables.MaximumMcfg, $"{AcpiTables.McfgCount} windows of configuration space");
        Require(AcpiTables.OverrideCount <= Lists, $"{AcpiTables.OverrideCount} overrides");
    }

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        yield return [];
        for (byte table = 0; table < 7; table++)
        {
            // The length of the table, one byte less and far more; then bytes all along it.
            yield return [table, 0, 3, 0xFF, 0xFF, 0xFF, 0xFF];
            yield return [table, 0, 1, 37, 0];
            for (var place = 32; place < 120; place += 8)
                yield return [table, (byte)place, 7, 0xFF, (byte)place, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        }
    }
}
