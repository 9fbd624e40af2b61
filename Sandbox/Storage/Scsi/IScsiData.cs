namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>The initiator's memory of one command.</summary>
public interface IScsiData
{
    /// <summary>Bytes.</summary>
    int Length { get; }

    /// <summary>Takes bytes that go to the device. False when the memory cannot be read.</summary>
    bool TryRead(int offset, Span<byte> destination);

    /// <summary>Gives bytes that come from the device. False when the memory cannot be written.</summary>
    bool TryWrite(int offset, ReadOnlySpan<byte> source);
}
