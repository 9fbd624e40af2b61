namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>A STATUS_REPORT; everything but the time is in pages of 4096 bytes.</summary>
/// <param name="Time">When it came.</param>
/// <param name="Available">Available.</param>
/// <param name="Committed">Committed; the host computes the pressure from this.</param>
/// <param name="PageFile">Size of the page file.</param>
/// <param name="Free">Zero and free.</param>
/// <param name="PageFileWrites">Page-file writes.</param>
/// <param name="InputOutput">I/O difference.</param>
public sealed record StatusReport(
    DateTimeOffset Time, ulong Available, ulong Committed, ulong PageFile, ulong Free, uint PageFileWrites, uint InputOutput);
