namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>What a block request wants.</summary>
internal enum BlockCommandKind
{
    Read,
    Write,
    Flush,
    Discard,

    /// <summary>Nothing.</summary>
    Barrier,
}
