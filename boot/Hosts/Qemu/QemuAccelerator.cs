namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>How a QEMU runs its guest's instructions.</summary>
internal enum QemuAccelerator
{
    /// <summary>One by one, in software.</summary>
    Emulation,

    /// <summary>On the processor, by Linux's KVM.</summary>
    Kvm,
}
