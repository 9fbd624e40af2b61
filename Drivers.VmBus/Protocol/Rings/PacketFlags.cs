namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>Flags of a ring packet.</summary>
[Flags]
public enum PacketFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The sender wants a <see cref="PacketType.Completion"/>.</summary>
    CompletionRequested = 1,
}
