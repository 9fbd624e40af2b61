namespace GuestOS.Sandbox.Memory;

/// <summary>Where the pages of a caller's buffer lie in guest-physical memory.</summary>
public enum PagePlacement
{
    /// <summary>One after the other.</summary>
    Contiguous,

    /// <summary>In random order with gaps, all below 4 GiB.</summary>
    Scattered,

    /// <summary>Above 4 GiB.</summary>
    High,
}
