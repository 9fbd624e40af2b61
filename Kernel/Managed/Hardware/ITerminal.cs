namespace GuestOS.Kernel.Hardware;

/// <summary>The console's bytes: a serial line, a keyboard and screen, or a test's script.</summary>
internal interface ITerminal
{
    /// <summary>Blocks until there is input; 0 when there will never be any again.</summary>
    int Read(Span<byte> destination);

    /// <summary>Writes raw bytes.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}
