using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>INITIATE_CONTACT of 6.0 with the feature <see cref="FeatureFlags.ClientId"/>, 56 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct InitiateContactWithClient
{
    /// <summary>0.</summary>
    public InitiateContact Contact;

    /// <summary>40.</summary>
    public Guid ClientId;
}
