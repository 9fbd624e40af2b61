namespace GuestOS.Services.Protocol;

/// <summary>Pools of keys, by who writes and who reads. Unknown values survive.</summary>
public enum KvpPool : byte
{
    /// <summary>The host's administrator writes, the guest reads.</summary>
    External = 0,

    /// <summary>The guest's programs write, the host reads.</summary>
    Guest = 1,

    /// <summary>What the guest says of itself.</summary>
    Auto = 2,

    /// <summary>What the host says of itself and of the virtual machine.</summary>
    AutoExternal = 3,

    /// <summary>Internal; never sent by hosts (OpenVMM).</summary>
    AutoInternal = 4,
}
