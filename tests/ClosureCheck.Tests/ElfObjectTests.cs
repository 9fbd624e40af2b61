using GuestOS.Kernel.ClosureCheck.Elf;

namespace GuestOS.Kernel.ClosureCheck.Tests;

public sealed class ElfObjectTests
{
    [Fact]
    public void Sections_symbols_and_relocations_are_read()
    {
        ElfObject elf = Sample().Object();
        ElfSection code = elf.Sections[1];
        Assert.Equal(("__managedcode", true, 8UL), (code.Name, code.IsCode, code.Size));
        Assert.True(elf.Sections[2].IsReadOnlyData);
        Assert.True(elf.Sections[3].IsZeroedData);
        Assert.Equal([0xE8, 0, 0, 0, 0, 0xC3, 0x90, 0x90], elf.Contents(code).ToArray());
        Assert.Empty(elf.Contents(elf.Sections[3]).ToArray());
        Assert.Equal(("method", 1, 0UL, 6UL), (elf.Symbols[1].Name, elf.Symbols[1].Section, elf.Symbols[1].Value, elf.Symbols[1].Size));
        Assert.False(elf.Symbols[2].IsDefined);
        Assert.Equal(new ElfRelocation(1, 4, 2, -4), Assert.Single(elf.Relocations(code).ToArray()));
    }

    [Fact]
    public void Relocations_come_in_order_and_by_range()
    {
        ElfBuilder builder = Sample();
        builder.Relocate(1, 6, 2, 2, 0);
        builder.Relocate(1, 0, 2, 2, 0);
        builder.Relocate(1, 3, 2, 2, 0);
        ElfObject elf = builder.Object();
        Assert.Equal([0UL, 1, 3, 6], elf.Relocations(elf.Sections[1]).ToArray().Select(relocation => relocation.Offset));
        Assert.Equal([1UL, 3], elf.Relocations(elf.Sections[1], 1, 6).ToArray().Select(relocation => relocation.Offset));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = Sample().Bytes();
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => new ElfObject(whole[..length]));
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_but_nothing_else_happens()
    {
        byte[] whole = Sample().Bytes();
        var random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] damaged = [.. whole];
            for (int n = random.Next(1, 4); n > 0; n--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                var elf = new ElfObject(damaged);
                var scanner = new CodeScanner(elf, new SymbolMap(elf));
                foreach (SymbolMap.Item item in new SymbolMap(elf).Items)
                    scanner.Scan(item);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 19_999);
    }

    [Theory]
    [InlineData(0, 0x7E)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(16, 2)]
    [InlineData(18, 3)]
    public void Other_kinds_of_files_are_refused(int offset, byte value)
    {
        byte[] bytes = Sample().Bytes();
        bytes[offset] = value;
        Assert.Throws<InvalidDataException>(() => new ElfObject(bytes));
    }

    [Fact]
    public void A_symbol_that_reaches_out_of_its_section_is_refused()
    {
        ElfBuilder builder = Sample();
        builder.Function("long", 1, 4, 5);
        Assert.Throws<InvalidDataException>(builder.Object);
    }

    private static ElfBuilder Sample()
    {
        var builder = new ElfBuilder();
        int code = builder.Code("__managedcode", [0xE8, 0, 0, 0, 0, 0xC3, 0x90, 0x90]);
        builder.ReadOnlyData(".rodata", [1, 2, 3]);
        builder.Zeroed(".bss", 64);
        builder.Function("method", code, 0, 6);
        int undefined = builder.Undefined("cpu_in8");
        builder.Relocate(code, 1, 4, undefined, -4);
        return builder;
    }
}
