using System.Globalization;

namespace GuestOS.Sandbox.VmBus;

/// <summary>One line of a trace.</summary>
/// <param name="Time">Since the trace began.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="RelId">The channel; 0 when none.</param>
/// <param name="Text">In words.</param>
/// <param name="Bytes">Message or packet payload.</param>
public sealed record TraceEntry(TimeSpan Time, TraceKind Kind, uint RelId, string Text, byte[] Bytes)
{
    /// <summary>Bytes that <see cref="ToString"/> shows.</summary>
    private const int Shown = 64;

    /// <inheritdoc/>
    public override string ToString()
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{Time.TotalMilliseconds,12:F4} {Kind,-16} {(RelId == 0 ? "" : "ch " + RelId),-7} {Text}");
        if (Bytes.Length == 0)
            return line;
        var shown = Convert.ToHexStringLower(Bytes.AsSpan(0, Math.Min(Shown, Bytes.Length)));
        return $"{line} [{Bytes.Length}] {shown}{(Bytes.Length > Shown ? "..." : "")}";
    }
}
