using System.Buffers.Binary;
using System.Text;
using GuestOS.Kernel.Core;

namespace GuestOS.Testing.Images;

/// <summary>Builds system description tables in guarded memory. Offsets are literals of the ACPI specification 6.5.</summary>
internal sealed unsafe class Firmware : IDisposable
{
    private readonly GuardedMemory _memory = new(64 * 1024);
    private int _used = 64;

    public ulong Address => _memory.Address;

    public ulong End => _memory.End;

    /// <summary>The root pointer lies at the very start.</summary>
    public ulong Root => _memory.Address;

    public Span<byte> Bytes => _memory.Bytes;

    /// <summary>Lays a table down, header and checksum done. With <paramref name="atEnd"/> its last byte is the last one that can be read.</summary>
    public uint Add(string signature, byte revision, ReadOnlySpan<byte> body, bool atEnd = false)
    {
        int length = 36 + body.Length;
        int at = atEnd ? _memory.Length - length : _used;
        if (!atEnd)
            _used += (length + 15) & ~15;
        Span<byte> table = Bytes.Slice(at, length);
        table.Clear();
        Encoding.ASCII.GetBytes(signature, table);
        BinaryPrimitives.WriteInt32LittleEndian(table[4..], length);
        table[8] = revision;
        body.CopyTo(table[36..]);
        table[9] = Checksum(table);
        return (uint)(_memory.Address + (ulong)at);
    }

    public uint AddXsdt(params uint[] tables)
    {
        var body = new byte[tables.Length * 8];
        for (int i = 0; i < tables.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(i * 8), tables[i]);
        return Add("XSDT", 1, body);
    }

    public uint AddRsdt(params uint[] tables)
    {
        var body = new byte[tables.Length * 4];
        for (int i = 0; i < tables.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(i * 4), tables[i]);
        return Add("RSDT", 1, body);
    }

    public void SetRoot(byte revision, uint rsdt, ulong xsdt)
    {
        Span<byte> root = Bytes[..36];
        root.Clear();
        Encoding.ASCII.GetBytes("RSD PTR ", root);
        root[15] = revision;
        BinaryPrimitives.WriteUInt32LittleEndian(root[16..], rsdt);
        root[8] = Checksum(root[..20]);
        if (revision < 2)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(root[20..], 36);
        BinaryPrimitives.WriteUInt64LittleEndian(root[24..], xsdt);
        root[32] = Checksum(root);
    }

    public Span<byte> Table(uint address)
    {
        Span<byte> rest = Bytes[(int)(address - _memory.Address)..];
        return rest[..BinaryPrimitives.ReadInt32LittleEndian(rest[4..])];
    }

    public void Resign(uint address)
    {
        Span<byte> table = Table(address);
        table[9] = 0;
        table[9] = Checksum(table);
    }

    /// <summary>Lets the kernel read the tables as at boot.</summary>
    public bool Load()
    {
        KernelState.Reset(typeof(AcpiTables));
        return AcpiTables.Load(Root, 0, Address, End);
    }

    public void Dispose() => _memory.Dispose();

    private static byte Checksum(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        foreach (byte value in bytes)
            sum += value;
        return (byte)-sum;
    }
}
