using System.Globalization;

namespace GuestOS.Bench.Runs;

/// <summary>Frames of one load.</summary>
/// <param name="IsSend">From the guest; otherwise to it.</param>
/// <param name="Length">Bytes of a frame.</param>
/// <param name="SegmentSize">Bytes that the host cuts the payload of a frame into; 0: it is no large frame.</param>
/// <param name="Depth">Frames on their way at once.</param>
/// <param name="Host">The host.</param>
internal sealed record NetworkKind(bool IsSend, int Length, int SegmentSize, int Depth, SimulatedHost Host)
{
    /// <summary>What they are, however many and to whatever host.</summary>
    public string Frames => string.Create(
        CultureInfo.InvariantCulture, $"{(IsSend ? "send" : "receive")} {Length} B{(SegmentSize == 0 ? "" : $" in segments of {SegmentSize} B")}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Frames}, depth {Depth}, {Host.Name}");
}
