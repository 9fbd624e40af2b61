using GuestOS.Kernel.ClosureCheck.Elf;
using Iced.Intel;

namespace GuestOS.Kernel.ClosureCheck;

/// <summary>Finds what an item refers to: by relocation, or, within its section, by an address that the compiler has resolved itself.</summary>
internal sealed class CodeScanner(ElfObject elf, SymbolMap map)
{
    /// <summary>References of one method or one piece of data.</summary>
    public List<Reference> Scan(SymbolMap.Item item)
    {
        var references = new List<Reference>();
        if (item.Section.IsCode)
            ScanCode(item, references);
        else
            AddRelocations(item, item.Start, item.End, null, references);
        return references;
    }

    private void ScanCode(SymbolMap.Item method, List<Reference> references)
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
                AddRelocations(method, instruction.IP, method.End, null, references);
                return;
            }

            if (instruction.SegmentPrefix == Register.FS)
                references.Add(new Reference(at, null, "(thread-local storage)"));
            if (AddRelocations(method, instruction.IP, instruction.NextIP, instruction.NextIP, references))
                continue;
            if (Target(instruction) is { } target && (target < method.Start || target >= method.End))
                references.Add(At(method.Section.Index, target, at));
        }
    }

    // Relative relocations count from the end of their instruction; where that is not known, from the end of their own four bytes.
    private bool AddRelocations(SymbolMap.Item item, ulong start, ulong end, ulong? instructionEnd, List<Reference> references)
    {
        ReadOnlySpan<ElfRelocation> relocations = elf.Relocations(item.Section, start, end);
        foreach (ElfRelocation relocation in relocations)
        {
            ElfSymbol symbol = elf.Symbols[relocation.Symbol];
            ulong at = relocation.Offset - item.Start;
            if (symbol.IsSection)
                references.Add(At(symbol.Section, relocation.SectionOffset((instructionEnd ?? relocation.Offset + sizeof(uint)) - relocation.Offset), at));
            else if (symbol.IsDefined)
                references.Add(At(symbol.Section, symbol.Value, at));
            else
                references.Add(new Reference(at, null, symbol.Name));
        }

        return !relocations.IsEmpty;
    }

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
