namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>A command's data in an array.</summary>
public sealed class ArrayData : IScsiData
{
    /// <param name="bytes">The memory.</param>
    public ArrayData(byte[] bytes) => Bytes = bytes;

    /// <summary>No data.</summary>
    public static ArrayData None { get; } = new([]);

    /// <summary>The memory.</summary>
    public byte[] Bytes { get; }

    /// <inheritdoc/>
    public int Length => Bytes.Length;

    /// <inheritdoc/>
    public bool TryRead(int offset, Span<byte> destination) =>
        Contains(offset, destination.Length) && Bytes.AsSpan(offset, destination.Length).TryCopyTo(destination);

    /// <inheritdoc/>
    public bool TryWrite(int offset, ReadOnlySpan<byte> source) => Contains(offset, source.Length) && source.TryCopyTo(Bytes.AsSpan(offset));

    private bool Contains(int offset, int count) => offset >= 0 && offset <= Bytes.Length && count <= Bytes.Length - offset;
}
