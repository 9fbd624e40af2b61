namespace GuestOS.Machine.Block;

/// <summary>How good a way to a medium is; the best one that works is used.</summary>
public enum PathRank
{
    /// <summary>The hypervisor plays a device of hardware: it works from power on, and slowly.</summary>
    Emulated,

    /// <summary>A device that is made for guests.</summary>
    Synthetic,
}

/// <summary>
/// A block device that may be one of several ways to its medium: the kernel uses one of them at a time, and changes over while the
/// medium is in use. A device that fails a request with <see cref="BlockErrorKind.Gone"/> says that it will never touch the medium or
/// the caller's memory again, and that the request may be repeated on another way.
/// </summary>
public interface IMediumPath : IBlockDevice, IQuiescable
{
    /// <summary>Which medium it serves; null when that is not known, and the device then stands alone.</summary>
    MediumIdentity? Medium { get; }

    /// <summary>How good a way it is.</summary>
    PathRank Rank { get; }
}
