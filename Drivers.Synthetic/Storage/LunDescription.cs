using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>What a look at a logical unit found.</summary>
/// <param name="IsOptical">A disc drive.</param>
/// <param name="Model">What it calls itself.</param>
/// <param name="Serial">Its serial number; empty when there is none.</param>
/// <param name="Geometry">Size and abilities.</param>
/// <param name="MostUnmapBlocks">Blocks of one UNMAP at most; at least one.</param>
internal sealed record LunDescription(bool IsOptical, string Model, string Serial, BlockGeometry Geometry, uint MostUnmapBlocks);
