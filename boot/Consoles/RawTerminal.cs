using System.Runtime.InteropServices;

namespace GuestOS.Boot.Consoles;

/// <summary>
/// Holds the terminal on standard input in raw mode: every key goes to the guest, Ctrl-C too. Output processing stays on, so that line
/// feeds of this program's own messages still return the carriage. Disposing of it restores the terminal.
/// </summary>
internal sealed partial class RawTerminal : IDisposable
{
    private const int StandardInput = 0;
    private const int Now = 0;

    /// <summary>glibc's struct termios takes 60 bytes on x86-64; c_oflag is its second 32-bit field.</summary>
    private const int StructureSize = 60;
    private const int OutputFlagsOffset = 4;
    private readonly byte[] _saved;

    private RawTerminal(byte[] saved) => _saved = saved;

    /// <summary>Switches the terminal; null when standard input is none.</summary>
    public static RawTerminal? TryEnter()
    {
        // Larger than the structure, in case a C library has more fields.
        var saved = new byte[StructureSize * 4];
        if (Console.IsInputRedirected || GetAttributes(StandardInput, ref saved[0]) != 0)
            return null;
        var raw = (byte[])saved.Clone();
        MakeRaw(ref raw[0]);
        saved.AsSpan(OutputFlagsOffset, 4).CopyTo(raw.AsSpan(OutputFlagsOffset));
        return SetAttributes(StandardInput, Now, ref raw[0]) == 0 ? new RawTerminal(saved) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = SetAttributes(StandardInput, Now, ref _saved[0]);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, ref byte attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, ref byte attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw(ref byte attributes);
}
