namespace GuestOS.Kernel.Hardware;

/// <summary>The processor's 64 Ki I/O ports. Only the kernel sees it; drivers get windows.</summary>
internal interface IPortSpace
{
    byte In8(ushort port);

    ushort In16(ushort port);

    uint In32(ushort port);

    void Out8(ushort port, byte value);

    void Out16(ushort port, ushort value);

    void Out32(ushort port, uint value);

    /// <summary>Fills the span, whose length is even, from one 16-bit port.</summary>
    void InRepeated16(ushort port, Span<byte> destination);

    /// <summary>Writes the span, whose length is even, to one 16-bit port.</summary>
    void OutRepeated16(ushort port, ReadOnlySpan<byte> source);
}
