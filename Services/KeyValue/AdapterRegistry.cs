namespace GuestOS.Services.KeyValue;

/// <summary>
/// What is known of the network adapters' addresses. The kernel has no network protocol of its own: whatever program brings one says
/// here which addresses it uses, and takes the host's wishes. Thread-safe.
/// </summary>
public sealed class AdapterRegistry
{
    private readonly Lock _gate = new();
    private readonly List<AdapterSettings> _adapters = [];

    /// <summary>
    /// Takes what the host wants an adapter to use; false when it will not have it. Null, as at first, refuses everything. Called on
    /// a thread that must not be blocked.
    /// </summary>
    public Func<AdapterSettings, bool>? Applying { get; set; }

    /// <summary>A snapshot.</summary>
    public IReadOnlyList<AdapterSettings> Adapters
    {
        get
        {
            lock (_gate)
                return [.. _adapters];
        }
    }

    /// <summary>Says what an adapter uses.</summary>
    public void Set(AdapterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentException.ThrowIfNullOrEmpty(settings.Id);
        if (settings.PrefixLengths.Count != settings.Addresses.Count)
            throw new ArgumentException($"{settings.Id} has {settings.Addresses.Count} addresses and {settings.PrefixLengths.Count} prefix lengths.", nameof(settings));
        lock (_gate)
        {
            _adapters.RemoveAll(adapter => Same(adapter.Id, settings.Id));
            _adapters.Add(settings);
        }
    }

    /// <summary>Forgets an adapter.</summary>
    public void Remove(string id)
    {
        lock (_gate)
            _adapters.RemoveAll(adapter => Same(adapter.Id, id));
    }

    /// <summary>Settings of an adapter; null when it is not known.</summary>
    public AdapterSettings? Find(string id)
    {
        lock (_gate)
            return _adapters.Find(adapter => Same(adapter.Id, id));
    }

    /// <summary>Ids are the same when their letters and digits are: hosts write hardware addresses with dashes, colons, or neither.</summary>
    private static bool Same(string left, string right)
    {
        int i = 0, j = 0;
        while (true)
        {
            while (i < left.Length && !char.IsLetterOrDigit(left[i]))
                i++;
            while (j < right.Length && !char.IsLetterOrDigit(right[j]))
                j++;
            if (i == left.Length || j == right.Length)
                return i == left.Length && j == right.Length;
            if (char.ToUpperInvariant(left[i++]) != char.ToUpperInvariant(right[j++]))
                return false;
        }
    }
}
