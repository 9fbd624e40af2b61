using System.Buffers.Binary;

namespace GuestOS.Testing.Images;

/// <summary>The body of a MADT: everything behind the header.</summary>
internal sealed class MadtBuilder
{
    private readonly List<byte> _bytes = [];

    public MadtBuilder(uint localApic = 0xFEE0_0000, uint flags = 1)
    {
        U32(localApic);
        U32(flags);
    }

    public byte[] Body => [.. _bytes];

    public MadtBuilder LocalApic(byte uid, byte id, uint flags) => Raw(0, 8, uid, id).U32(flags);

    public MadtBuilder IoApic(byte id, uint address, uint gsiBase) => Raw(1, 12, id, 0).U32(address).U32(gsiBase);

    public MadtBuilder Override(byte irq, uint gsi, ushort flags) => Raw(2, 10, 0, irq).U32(gsi).U16(flags);

    public MadtBuilder Nmi(ushort flags, uint gsi) => Raw(3, 8).U16(flags).U32(gsi);

    public MadtBuilder LocalNmi(byte uid, ushort flags, byte input) => Raw(4, 6, uid).U16(flags).Raw(input);

    public MadtBuilder Address64(ulong address) => Raw(5, 12, 0, 0).U32((uint)address).U32((uint)(address >> 32));

    public MadtBuilder X2Apic(uint id, uint flags, uint uid) => Raw(9, 16, 0, 0).U32(id).U32(flags).U32(uid);

    public MadtBuilder X2ApicNmi(ushort flags, uint uid, byte input) => Raw(10, 12).U16(flags).U32(uid).Raw(input, 0, 0, 0);

    public MadtBuilder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    private MadtBuilder U16(ushort value) => Raw((byte)value, (byte)(value >> 8));

    private MadtBuilder U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }
}
