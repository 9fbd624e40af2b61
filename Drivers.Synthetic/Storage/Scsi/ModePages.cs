namespace GuestOS.Drivers.Synthetic.Storage.Scsi;

/// <summary>MODE SENSE(6) data with the caching page.</summary>
/// <param name="IsReadOnly">WP of the device-specific parameter.</param>
/// <param name="HasWriteCache">WCE of the caching page; true when there is no such page, as a flush more does no harm.</param>
internal readonly record struct ModePages(bool IsReadOnly, bool HasWriteCache)
{
    /// <summary>The caching page (SBC-3, 6.4.5).</summary>
    public const byte CachingPage = 0x08;

    private const int HeaderLength = 4;

    /// <summary>Reads it as far as it is there.</summary>
    public static ModePages Read(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeaderLength)
            return new ModePages(false, true);
        var isReadOnly = (data[2] & 0x80) != 0;
        var page = HeaderLength + data[3];
        return page + 3 <= data.Length && (data[page] & 0x3F) == CachingPage
            ? new ModePages(isReadOnly, (data[page + 2] & 4) != 0)
            : new ModePages(isReadOnly, true);
    }
}
