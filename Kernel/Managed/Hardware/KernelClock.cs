namespace GuestOS.Kernel.Hardware;

/// <summary>The machine's clock for the kernel and its drivers: timestamps straight from the low-level kernel's clock, everything else as the system has it.</summary>
internal sealed class KernelClock : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override long GetTimestamp() => KernelEntry.ReadClock();
}
