using System.Buffers.Binary;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Pci;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Tests.Pci;

public sealed class McfgTests
{
    private const ulong TableAddress = 0x7FE_1000;
    private const ulong Base = 0xB000_0000;

    [Fact]
    public void The_table_is_read_when_it_is_whole()
    {
        byte[] table = MakeTable(Base, 0, 0, 255);
        Assert.True(McfgTable.TryRead(table, out IReadOnlyList<McfgEntry>? entries));
        Assert.Equal([new McfgEntry(Base, 0, 0, 255)], entries);
        for (int i = 0; i < table.Length; i++)
        {
            byte[] damaged = [.. table];
            damaged[i] ^= 0x40;
            Assert.False(McfgTable.TryRead(damaged, out _));
        }
    }

    [Fact]
    public void Impossible_ranges_are_left_out()
    {
        Assert.True(McfgTable.TryRead(MakeTable(Base + 4096, 0, 0, 255), out IReadOnlyList<McfgEntry>? entries));
        Assert.Empty(entries);
        Assert.True(McfgTable.TryRead(MakeTable(Base, 0, 9, 3), out entries));
        Assert.Empty(entries);
    }

    [Fact]
    public void Memory_mapped_space_is_used_where_it_agrees_with_the_ports()
    {
        using FakePhysicalMemory memory = MakeMemory(0x29C0_8086);
        var log = new RecordingLog();
        var pci = new FakePci();
        pci.Add(0, 0, 0, new FakePciFunction(0x8086, 0x29C0, 6, 0));
        IPciAccess? access = PciAccessFactory.Find(new FakePorts(pci), memory, TableAddress, log);
        Assert.IsType<PciMemoryAccess>(access);
        var address = new PciAddress(0, 1, 2, 3);
        access.Write32(address, 0xFFC, 0x1234_5678);
        Assert.Equal(0x1234, access.Read16(address, 0xFFE));
        Assert.Equal(uint.MaxValue, access.Read32(address with { Bus = 9 }, 0));
    }

    [Fact]
    public void Memory_mapped_space_that_disagrees_is_not_used()
    {
        using FakePhysicalMemory memory = MakeMemory(0);
        var log = new RecordingLog();
        var pci = new FakePci();
        pci.Add(0, 0, 0, new FakePciFunction(0x8086, 0x29C0, 6, 0));
        Assert.IsType<PciPortAccess>(PciAccessFactory.Find(new FakePorts(pci), memory, TableAddress, log));
        Assert.True(log.Has(LogLevel.Warning, "29c08086"));
    }

    [Fact]
    public void A_damaged_table_leaves_the_ports()
    {
        using FakePhysicalMemory memory = MakeMemory(0, table => table[9] ^= 1);
        var log = new RecordingLog();
        Assert.IsType<PciPortAccess>(PciAccessFactory.Find(new FakePorts(new FakePci()), memory, TableAddress, log));
        Assert.True(log.Has(LogLevel.Warning, "MCFG"));
    }

    private static FakePhysicalMemory MakeMemory(uint hostBridge, Action<byte[]>? damage = null)
    {
        var memory = new FakePhysicalMemory();
        byte[] table = MakeTable(Base, 0, 0, 1);
        damage?.Invoke(table);
        table.CopyTo(memory.Add(TableAddress, 4096));
        BinaryPrimitives.WriteUInt32LittleEndian(memory.Add(Base, 2 << 20), hostBridge);
        return memory;
    }

    private static byte[] MakeTable(ulong address, ushort segment, byte first, byte last)
    {
        var table = new byte[60];
        "MCFG"u8.CopyTo(table);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), 60);
        table[8] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(44), address);
        BinaryPrimitives.WriteUInt16LittleEndian(table.AsSpan(52), segment);
        table[54] = first;
        table[55] = last;
        table[9] = (byte)-table.Sum(value => value);
        return table;
    }
}
