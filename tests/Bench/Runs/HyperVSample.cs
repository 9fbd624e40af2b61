namespace GuestOS.Bench.Runs;

/// <summary>One start of a guest in the lab. Times in milliseconds.</summary>
/// <param name="Connected">From kernel entry to VMBus connected, by the kernel's clock.</param>
/// <param name="Agreed">From kernel entry to the agreement on dynamic memory, by the kernel's clock.</param>
internal sealed record HyperVStart(double Connected, double Agreed);

/// <summary>What a whole run showed.</summary>
/// <param name="Start">Its start.</param>
/// <param name="FirstStatus">From the first character on COM1 to the first status report at the host, in milliseconds, by the clock of the build host.</param>
/// <param name="ClockRead">A reading of the clock by the kernel or, where only programs can be asked, by the C library; nanoseconds.</param>
/// <param name="LibraryRead">A reading by the C library, nanoseconds.</param>
/// <param name="BareRead">The time-stamp counter and one multiplication, nanoseconds.</param>
/// <param name="InterruptsPerSecond">While idle.</param>
/// <param name="Rounds">Moves of memory, on a machine of their own.</param>
internal sealed record HyperVSample(
    HyperVStart Start, double FirstStatus, double ClockRead, double LibraryRead, double BareRead, double InterruptsPerSecond, IReadOnlyList<BalloonRound> Rounds);

/// <summary>Half of the memory to the host and back, in MiB/s.</summary>
/// <param name="Inflate">To the host.</param>
/// <param name="Deflate">Back.</param>
internal sealed record BalloonRound(double Inflate, double Deflate);
