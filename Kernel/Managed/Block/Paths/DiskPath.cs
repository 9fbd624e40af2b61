using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Block.Paths;

/// <summary>One way to a disk, and what is known of it. Changed under the disk's lock.</summary>
internal sealed class DiskPath
{
    private readonly string _driver;

    /// <param name="device">The driver's device.</param>
    /// <param name="driver">Who published it, for example "ata 00:01.1".</param>
    public DiskPath(IMediumPath device, string driver)
    {
        Device = device;
        _driver = driver.Split(' ', 2)[0];
    }

    public IMediumPath Device { get; }

    /// <summary>It has failed a request with <see cref="BlockErrorKind.Gone"/>, or was withdrawn. It never comes back; a new device may.</summary>
    public bool IsLost { get; set; }

    /// <summary>It serves another medium than it says. It is never used.</summary>
    public bool IsForeign { get; set; }

    /// <summary>The disk could not be taken over to it. It is used when nothing else is left.</summary>
    public bool IsPostponed { get; set; }

    /// <summary>It is quiesced. Touched by the switch only.</summary>
    public bool IsResting { get; set; }

    public bool IsUsable => !IsLost && !IsForeign;

    /// <summary>Higher is better.</summary>
    public int Score => IsPostponed ? -1 : (int)Device.Rank;

    public HandoffParty Describe(MediumIdentity medium) =>
        new(Device.Name, _driver, _driver, medium.Place, medium.ToString(), IsLost);
}
