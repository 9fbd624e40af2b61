namespace GuestOS.Sandbox.Storage.Images;

/// <summary>Content of a medium. Whoever uses it asks for bytes that lie inside only. One image may be behind several devices.</summary>
public interface IDiskImage
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Reads.</summary>
    void Read(long offset, Span<byte> destination);

    /// <summary>Writes.</summary>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Makes bytes read as zeros.</summary>
    void Clear(long offset, long count);

    /// <summary>Makes durable what was written.</summary>
    void Flush();
}
