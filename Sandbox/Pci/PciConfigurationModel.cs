using System.Buffers.Binary;
using GuestOS.Machine.Drivers;

namespace GuestOS.Sandbox.Pci;

/// <summary>256 bytes of configuration space that hold what is written.</summary>
public sealed class PciConfigurationModel : IPciConfiguration
{
    private readonly byte[] _bytes = new byte[256];

    /// <inheritdoc/>
    public byte Read8(int offset) => _bytes[offset];

    /// <inheritdoc/>
    public ushort Read16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset));

    /// <inheritdoc/>
    public uint Read32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));

    /// <inheritdoc/>
    public void Write8(int offset, byte value) => _bytes[offset] = value;

    /// <inheritdoc/>
    public void Write16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(offset), value);

    /// <inheritdoc/>
    public void Write32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(offset), value);
}
