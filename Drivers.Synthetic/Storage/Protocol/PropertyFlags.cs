namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>What a storage host can do.</summary>
[Flags]
public enum PropertyFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Subchannels.</summary>
    MultiChannel = 1,

    /// <summary>The medium is an emulated IDE disk too (FreeBSD's name).</summary>
    EmulatedIde = 2,
}
