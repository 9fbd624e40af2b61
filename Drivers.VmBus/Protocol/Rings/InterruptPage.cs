namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>The page of channel bits, bit = relid; passed to hosts below 5.0.</summary>
public static class InterruptPage
{
    /// <summary>First byte of the half that the host sets (used below 2.4).</summary>
    public const int HostToGuest = 0;

    /// <summary>First byte of the half that the guest sets.</summary>
    public const int GuestToHost = 2048;

    /// <summary>Bytes of a half.</summary>
    public const int HalfSize = 2048;

    /// <summary>Relids that old hosts use the host-to-guest half for.</summary>
    public const int OldRelIds = 256;
}
