using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Tests.Fakes;

internal sealed class FakeStatistics : IKernelStatistics
{
    public MemoryInfo ReadMemory() => new() { Total = 64 << 20, Free = 50 << 20, Kernel = 6 << 20, Mapped = 8 << 20, LargestFree = 40 << 20 };

    public IReadOnlyList<ThreadDescription> ReadThreads() =>
    [
        new(1, "main", 2, 2, 0, 0, false, TimeSpan.FromMilliseconds(12.5), 42),
        new(0, "", 1, 0, 0, 1, true, TimeSpan.Zero, 7),
    ];

    public IReadOnlyList<InterruptInfo> ReadInterrupts() =>
    [
        new() { Handle = 1, Kind = InterruptKind.Isa, Number = 14, Vector = 0x51, Count = 1234 },
        new() { Handle = 2, Kind = InterruptKind.Line, Number = 17, Vector = 0x52, Flags = InterruptFlags.Level | InterruptFlags.ActiveLow | InterruptFlags.Masked },
    ];
}
