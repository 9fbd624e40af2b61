using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The machine's console: COM1, and keyboard and screen where they are.</summary>
internal sealed unsafe class KernelTerminal : ITerminal
{
    public int Read(Span<byte> destination)
    {
        long count;
        fixed (byte* first = destination)
            count = KernelEntry.Call(KernelCall.ConsoleRead, (ulong)first, (ulong)destination.Length);
        return count > 0 ? (int)count : 0;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        fixed (byte* first = bytes)
            KernelEntry.Call(KernelCall.ConsoleWrite, (ulong)first, (ulong)bytes.Length);
    }
}
