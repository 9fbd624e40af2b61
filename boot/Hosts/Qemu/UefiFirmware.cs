namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>UEFI for machines in QEMU: OVMF as Debian packages it.</summary>
internal static class UefiFirmware
{
    /// <summary>The firmware's code, 4 MiB variant; read-only.</summary>
    public const string CodePath = "/usr/share/OVMF/OVMF_CODE_4M.fd";

    /// <summary>Its empty variable store, of which every machine gets a copy.</summary>
    public const string VariablesPath = "/usr/share/OVMF/OVMF_VARS_4M.fd";
}
