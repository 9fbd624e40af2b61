namespace GuestOS.Kernel.Hardware;

/// <summary>The real ports.</summary>
internal sealed unsafe class CpuPortSpace : IPortSpace
{
    public byte In8(ushort port) => KernelEntry.In8(port);

    public ushort In16(ushort port) => KernelEntry.In16(port);

    public uint In32(ushort port) => KernelEntry.In32(port);

    public void Out8(ushort port, byte value) => KernelEntry.Out8(port, value);

    public void Out16(ushort port, ushort value) => KernelEntry.Out16(port, value);

    public void Out32(ushort port, uint value) => KernelEntry.Out32(port, value);

    public void InRepeated16(ushort port, Span<byte> destination)
    {
        fixed (byte* first = destination)
            KernelEntry.InRepeated16(port, first, (ulong)destination.Length / 2);
    }

    public void OutRepeated16(ushort port, ReadOnlySpan<byte> source)
    {
        fixed (byte* first = source)
            KernelEntry.OutRepeated16(port, first, (ulong)source.Length / 2);
    }
}
