using System.Buffers.Binary;

namespace GuestOS.Sandbox.Network;

/// <summary>
/// Writes frames as a capture file (libpcap 2.4, microseconds, Ethernet), which every network analyser reads. Hang it on
/// <see cref="NetworkSwitch.Tap"/>.
/// </summary>
public sealed class PcapWriter : IDisposable
{
    private readonly Stream _file;
    private readonly TimeProvider _clock;

    /// <param name="file">Where to; disposed with this.</param>
    /// <param name="clock">Time of the frames.</param>
    public PcapWriter(Stream file, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
        _clock = clock;
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        Wire.Put(header, 0, 0xA1B2_C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        Wire.Put(header, 16, 0x4_0000);
        Wire.Put(header, 20, 1);
        file.Write(header);
    }

    /// <summary>Writes a frame, with its tag where it has one.</summary>
    public void Write(SwitchFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var data = frame.Data;
        if (frame.Vlan is { } tag)
            data = [.. data.AsSpan(0, 12), 0x81, 0x00, (byte)(tag >> 8), (byte)tag, .. data.AsSpan(12)];
        var time = _clock.GetUtcNow() - DateTimeOffset.UnixEpoch;
        Span<byte> header = stackalloc byte[16];
        Wire.Put(header, 0, (uint)(time.Ticks / TimeSpan.TicksPerSecond));
        Wire.Put(header, 4, (uint)(time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
        Wire.Put(header, 8, (uint)data.Length);
        Wire.Put(header, 12, (uint)data.Length);
        _file.Write(header);
        _file.Write(data);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
