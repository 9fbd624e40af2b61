using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block.Paths;

/// <summary>One way to a disk.</summary>
internal sealed class DiskPath : HandoffPath
{
    private readonly string _driver;

    /// <param name="device">The driver's device.</param>
    /// <param name="driver">Who published it, for example "ata 00:01.1".</param>
    /// <param name="state">What it begins as.</param>
    public DiskPath(IMediumPath device, string driver, PathState state)
        : base(device.Rank, state)
    {
        Device = device;
        _driver = driver.Split(' ', 2)[0];
    }

    public IMediumPath Device { get; }

    public HandoffParty Describe(MediumIdentity medium) =>
        new(Device.Name, _driver, _driver, medium.Place, medium.ToString(), IsLost);
}
