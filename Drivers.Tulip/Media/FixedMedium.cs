using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>An adapter that tells nothing about its media and has no PHY: its port is used as it is, and the link taken for good.</summary>
internal sealed class FixedMedium : IMedium
{
    private const uint Bits = OperationMode.PortSelect | OperationMode.HeartbeatDisable;

    public string Name => "unknown medium";

    public void Select()
    {
        // There is nothing to set: what is behind the port is not known.
    }

    public void Restore()
    {
        // As above.
    }

    public MediumState Poll() => new(new LinkStatus(true), Bits);
}
