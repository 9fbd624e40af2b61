using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>What was agreed with the host.</summary>
/// <param name="Version">Version of the protocol.</param>
/// <param name="MostBytes">Longest transfer: a multiple of a page, at least one.</param>
/// <param name="MostSubchannels">Subchannels that the host allows.</param>
internal sealed record StorvscLimits(StorageVersion Version, int MostBytes, int MostSubchannels)
{
    /// <summary>Bytes of a guest page.</summary>
    public const int PageSize = 4096;

    /// <summary>Our own limit of a transfer: its page list fills a small part of the ring.</summary>
    public const int LongestTransfer = 512 << 10;

    /// <summary>Page frames of one transfer, which may begin inside of a page.</summary>
    public const int MostFrames = (LongestTransfer / PageSize) + 1;

    /// <summary>Clamps what the host says (rule S3).</summary>
    public static StorvscLimits From(StorageVersion version, in PropertiesPacket properties, int mostSubchannels)
    {
        var bytes = (int)Math.Min(properties.MaxTransferBytes, LongestTransfer) / PageSize * PageSize;
        var channels = version >= StorageVersion.V5_1 && (properties.Flags & PropertyFlags.MultiChannel) != 0
            ? Math.Min(properties.MaxChannels, mostSubchannels)
            : 0;
        return new StorvscLimits(version, Math.Max(bytes, PageSize), channels);
    }
}
