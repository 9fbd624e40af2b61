using System.Buffers;
using System.Text;
using GuestOS.Kernel.Core;
using GuestOS.Machine;

namespace GuestOS.Kernel.Hardware;

/// <summary>The machine's log: COM1, the screen and the ring that the console's <c>log</c> command reads.</summary>
internal sealed unsafe class KernelLog : ILog, ILogHistory
{
    public void Write(LogLevel level, string message)
    {
        foreach (ReadOnlySpan<char> line in message.AsSpan().EnumerateLines())
            WriteLine(level, line);
    }

    public IEnumerable<string> ReadLines()
    {
        MachineInfo info = default;
        var text = new ArrayBufferWriter<byte>();
        Fill(&info);
        ulong position = info.LogOldest;
        while (true)
        {
            long count;
            fixed (byte* destination = text.GetSpan(4096))
                count = KernelEntry.Call(KernelCall.LogRead, position, (ulong)destination, 4096);
            if (count <= 0)
                break;
            text.Advance((int)count);
            position += (ulong)count;
        }

        return Encoding.UTF8.GetString(text.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static void Fill(MachineInfo* info) =>
        KernelEntry.Require(KernelCall.MachineInfo, (ulong)info, (ulong)sizeof(MachineInfo));

    private static void WriteLine(LogLevel level, ReadOnlySpan<char> line)
    {
        int most = Encoding.UTF8.GetMaxByteCount(line.Length);
        byte[]? rented = most > 1024 ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> bytes = rented ?? stackalloc byte[1024];
        int length = Encoding.UTF8.GetBytes(line, bytes);
        fixed (byte* first = bytes)
            KernelEntry.Call(KernelCall.LogWrite, (ulong)level, (ulong)first, (ulong)length);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
