using GuestOS.Services.Protocol;

namespace GuestOS.Services.KeyValue;

/// <summary>Keys with their values, in the order in which they were first set. Bounded, since a host may write here. Thread-safe.</summary>
public sealed class KeyValuePool
{
    /// <summary>Characters of a key: what fits the wire with its ending zero.</summary>
    public const int LongestKey = (KvpKey.Length / sizeof(char)) - 1;

    /// <summary>Characters of a value.</summary>
    public const int LongestValue = (KvpText.Length / sizeof(char)) - 1;

    /// <summary>Keys of a pool.</summary>
    public const int MostKeys = 1024;

    private readonly Lock _gate = new();
    private readonly List<KeyValuePair<string, string>> _entries = [];

    /// <summary>Keys.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>A snapshot.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Entries
    {
        get
        {
            lock (_gate)
                return [.. _entries];
        }
    }

    /// <summary>Value of a key; null when there is none.</summary>
    public string? Find(string key)
    {
        lock (_gate)
        {
            var index = IndexOf(key);
            return index < 0 ? null : _entries[index].Value;
        }
    }

    /// <summary>The entry at a place; false behind the last one.</summary>
    public bool TryGetAt(uint index, out KeyValuePair<string, string> entry)
    {
        lock (_gate)
        {
            var exists = index < (uint)_entries.Count;
            entry = exists ? _entries[(int)index] : default;
            return exists;
        }
    }

    /// <summary>Sets a key. False when the pool is full.</summary>
    /// <exception cref="ArgumentException">The key is empty, contains a zero, or key or value is too long.</exception>
    public bool Set(string key, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        if (key.Length > LongestKey || key.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"A key has at most {LongestKey} characters, none of them zero; this one has {key.Length}.", nameof(key));
        if (value.Length > LongestValue || value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"A value has at most {LongestValue} characters, none of them zero; that of {key} has {value.Length}.", nameof(value));
        lock (_gate)
        {
            var index = IndexOf(key);
            if (index >= 0)
                _entries[index] = new(key, value);
            else if (_entries.Count < MostKeys)
                _entries.Add(new(key, value));
            else
                return false;
            return true;
        }
    }

    /// <summary>Removes a key. False when there is none.</summary>
    public bool Remove(string key)
    {
        lock (_gate)
        {
            var index = IndexOf(key);
            if (index < 0)
                return false;
            _entries.RemoveAt(index);
            return true;
        }
    }

    private int IndexOf(string key) => _entries.FindIndex(entry => string.Equals(entry.Key, key, StringComparison.Ordinal));
}
