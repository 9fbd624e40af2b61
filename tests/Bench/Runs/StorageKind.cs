using System.Globalization;

namespace GuestOS.Bench.Runs;

/// <summary>What is asked of whom.</summary>
/// <param name="Length">Bytes of a request.</param>
/// <param name="Depth">Requests at once.</param>
/// <param name="Host">The host.</param>
internal sealed record StorageKind(int Length, int Depth, SimulatedHost Host)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"read {Length >> 10} KiB, depth {Depth}, {Host.Name}");
}
