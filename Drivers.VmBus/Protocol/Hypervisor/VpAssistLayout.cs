namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>The VP assist page (offsets in bytes; TLFS 10.5).</summary>
public static class VpAssistLayout
{
    /// <summary>u32: bit 0 "no EOI required".</summary>
    public const int ApicAssist = 0;

    /// <summary>Bit 0 of <see cref="ApicAssist"/>.</summary>
    public const uint NoEoiRequired = 1;
}
