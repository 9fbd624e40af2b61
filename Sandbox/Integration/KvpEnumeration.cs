using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>All keys of a pool, as far as they have come.</summary>
public sealed class KvpEnumeration
{
    /// <summary>The keys in the guest's order.</summary>
    public List<KvpItem> Items { get; } = [];

    /// <summary>Nothing more comes.</summary>
    public bool IsDone { get; internal set; }

    /// <summary>How it ended: "no more items" when all is well; null without an answer.</summary>
    public IcStatus? Status { get; internal set; }

    /// <summary>Value of a key; null when it is not there.</summary>
    public string? this[string key] => Items.Find(item => item.Key == key)?.Text;
}
