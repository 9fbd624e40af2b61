using System.Globalization;

namespace GuestOS.Machine.Block;

/// <summary>Why a block request failed, in the terms of its caller.</summary>
public enum BlockErrorKind
{
    /// <summary>The request leaves the medium, is not a whole number of blocks, or is otherwise malformed. Nothing was sent to the device.</summary>
    InvalidRequest,

    /// <summary>No medium in the drive.</summary>
    NoMedium,

    /// <summary>The medium was changed since the geometry was read; read it again.</summary>
    MediumChanged,

    /// <summary>The medium or the device refuses writes.</summary>
    ReadOnly,

    /// <summary>The device does not know this operation.</summary>
    NotSupported,

    /// <summary>The medium could not be read or written at this place.</summary>
    MediumError,

    /// <summary>The device reported an error that is not the medium's.</summary>
    DeviceError,

    /// <summary>The device did not answer in time, resets and retries included.</summary>
    Timeout,

    /// <summary>The device is gone (removed, detached, failed for good).</summary>
    Gone,
}

/// <summary>A failed block request, as a value: who, what, where and what the device said.</summary>
/// <param name="Kind">The class of failure.</param>
/// <param name="Device">Name of the block device.</param>
/// <param name="Operation">The command as its standard names it, for example "READ DMA EXT".</param>
/// <param name="Block">First logical block of the failed part, where one is known.</param>
/// <param name="Detail">What the device reported: registers, sense data.</param>
public sealed record BlockError(BlockErrorKind Kind, string Device, string Operation, ulong? Block, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Device}: {Operation}{(Block is { } block ? $" at block {block}" : "")}: {Kind}: {Detail}");
}
