namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Value of GUEST_OS_ID in the open-source form (TLFS 2.6).</summary>
/// <param name="Value">As in the register.</param>
public readonly record struct GuestOsId(ulong Value)
{
    /// <summary>
    /// 1 Linux, 2 FreeBSD, 3 Xen, 4 Illumos are taken; the proprietary form wants an assigned vendor. This one is not in use.
    /// </summary>
    public const int OsType = 0x47;

    /// <summary>Builds the open-source form.</summary>
    /// <param name="osType">Bits 62:56.</param>
    /// <param name="osSpecific">Bits 55:48.</param>
    /// <param name="version">Bits 47:16.</param>
    /// <param name="build">Bits 15:0.</param>
    public static GuestOsId OpenSource(int osType, byte osSpecific, uint version, ushort build) =>
        new((1UL << 63) | ((ulong)(osType & 0x7F) << 56) | ((ulong)osSpecific << 48) | ((ulong)version << 16) | build);
}
