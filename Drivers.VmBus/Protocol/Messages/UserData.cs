using System.Runtime.CompilerServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>120 bytes of a service's own data in OFFERCHANNEL and OPENCHANNEL.</summary>
[InlineArray(Length)]
public struct UserData
{
    /// <summary>Size in bytes.</summary>
    public const int Length = 120;

    private byte _first;
}
