namespace GuestOS.Machine.Block;

/// <summary>A block device whose size or abilities may change while it is in use.</summary>
public interface IResizable : IBlockDevice
{
    /// <summary>
    /// <see cref="IBlockDevice.Geometry"/> is another one than before. Called on a thread of the driver's, one call at a time; must not block.
    /// </summary>
    event Action<IBlockDevice>? Resized;
}
