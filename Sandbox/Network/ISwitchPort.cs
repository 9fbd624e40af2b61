namespace GuestOS.Sandbox.Network;

/// <summary>Somebody on a <see cref="NetworkSwitch"/>.</summary>
public interface ISwitchPort
{
    /// <summary>A frame for this port, or for all. Must not wait.</summary>
    void Deliver(SwitchFrame frame);
}
