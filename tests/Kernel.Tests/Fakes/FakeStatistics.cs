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

    public HypervisorInfo ReadHypervisor() => new()
    {
        Uses = HypervisorUses.Hypercalls | HypervisorUses.SynIc,
        Refused = HypervisorUses.Ipi,
        Privileges = 0xAFF,
        Hints = 0xC2C,
        Version = 10 << 16,
        Build = 14393,
        HypercallPage = 0x7F_F000,
        Hypercalls = 17,
        EoiWritten = 1,
        EoiSaved = 99,
        Shootdowns = 40,
        ShootdownRepeats = 2,
    };

    public IReadOnlyList<ProcessorInfo> ReadProcessors(bool looks) =>
    [
        new() { Index = 0, VpIndex = 5, Active = HypervisorUses.VpIndex | HypervisorUses.VpRuntime, Tick = TickSource.SyntheticDirect, VpRuntime = 12_345_000 },
        new() { Index = 1, ApicId = 2, Tick = TickSource.ApicCount, Interrupts = 77, TimerInterrupts = 55, LostTimers = 31_337, IdleNanoseconds = 2_500_000_000 },
    ];

    public ClockInfo ReadClock() => new()
    {
        Source = ClockSource.HyperV,
        IsFast = 1,
        Now = 1_500_000_000,
        WallClockAtEntry = 1_700_000_000_000_000_000,
        TscFrequency = 2_300_000_000,
        Calibration = CalibrationMethod.HyperVFrequency,
        ReferenceCounter = 15_000_000,
        Sequence = 3,
        Changes = 2,
        Fallbacks = 4,
    };
}
