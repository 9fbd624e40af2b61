using GuestOS.Kernel.ClosureCheck.Elf;
using Iced.Intel;

namespace GuestOS.Kernel.ClosureCheck;

/// <summary>Finds what a method refers to: by relocation, or, within its section, by an address that the compiler has resolved itself.</summary>
internal sealed class CodeScanner(ElfObject elf, SymbolMap map)
{
    /// <summary>References of one method.</summary>
    public IEnumerable<Reference> Scan(SymbolMap.Item method)
    {
        var references = new List<Reference>();
        AddRelocations(method, references);
        AddResolved(method, references);
        return references;
    }

    /// <summary>References of a piece of data: its relocations.</summary>
    public IEnumerable<Reference> ScanData(SymbolMap.Item data)
    {
        var references = new List<Reference>();
        AddRelocations(data, references);
        return references;
    }

    private void AddRelocations(SymbolMap.Item item, List<Reference> references)
    {
        foreach (ElfRelocation relocation in elf.Relocations(item.Section, item.Start, item.End))
        {
            ElfSymbol symbol = elf.Symbols[relocation.Symbol];
            ulong at = relocation.Offset - item.Start;
            if (symbol.IsSection)
                references.Add(At(symbol.Section, relocation.SectionOffset, at));
            else if (symbol.IsDefined)
                references.Add(At(symbol.Section, symbol.Value, at));
            else
                references.Add(new Reference(at, null, symbol.Name));
        }
    }

    private void AddResolved(SymbolMap.Item method, List<Reference> references)
    {
        byte[] code = elf.Contents(method.Section)[(int)method.Start..(int)method.End].ToArray();
        var decoder = Decoder.Create(64, code, method.Start);
        while (decoder.IP < method.End)
        {
            decoder.Decode(out Instruction instruction);
            ulong at = instruction.IP - method.Start;
            if (instruction.IsInvalid)
            {
                references.Add(new Reference(at, null, "(undecodable instruction)"));
                return;
            }

            if (instruction.SegmentPrefix == Register.FS)
                references.Add(new Reference(at, null, "(thread-local storage)"));
            if (!IsRelocated(method, instruction) && Target(instruction) is { } target && (target < method.Start || target >= method.End))
                references.Add(At(method.Section.Index, target, at));
        }
    }

    private bool IsRelocated(SymbolMap.Item method, in Instruction instruction)
        => !elf.Relocations(method.Section, instruction.IP, instruction.NextIP).IsEmpty;

    private static ulong? Target(in Instruction instruction)
    {
        if (instruction.IsCallNear || instruction.IsJmpShortOrNear || instruction.IsJccShortOrNear)
            return instruction.NearBranchTarget;
        return instruction.IsIPRelativeMemoryOperand ? instruction.IPRelativeMemoryAddress : null;
    }

    private Reference At(int section, ulong offset, ulong at)
        => map.Find(section, offset) is { } item
            ? new Reference(at, item, item.Names[0])
            : new Reference(at, null, $"{elf.Sections[section].Name}+0x{offset:x}");
}
