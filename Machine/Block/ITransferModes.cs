namespace GuestOS.Machine.Block;

/// <summary>How a device's data moves.</summary>
public enum TransferMode
{
    /// <summary>The processor moves every word.</summary>
    Pio,

    /// <summary>The device or its controller moves the data (bus master).</summary>
    Dma,
}

/// <summary>A block device that can move its data in more than one way.</summary>
public interface ITransferModes : IBlockDevice
{
    /// <summary>The way in force now. A driver may fall back to <see cref="TransferMode.Pio"/> by itself after repeated trouble.</summary>
    TransferMode TransferMode { get; }

    /// <summary>Drains the device and changes the way.</summary>
    /// <param name="mode">The way for requests that are issued after this one has finished.</param>
    /// <param name="cancellationToken">Abandons the change.</param>
    ValueTask<BlockResult> SetTransferModeAsync(TransferMode mode, CancellationToken cancellationToken = default);
}
