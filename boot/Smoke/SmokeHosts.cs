using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke;

/// <summary>The hosts that scenarios may use, by their names, and why others cannot be had.</summary>
internal sealed class SmokeHosts
{
    private readonly Dictionary<string, IHost> _ready = [];
    private readonly Dictionary<string, string> _missing = [];

    /// <summary>Adds a host that is ready.</summary>
    public void Add(IHost host) => _ready[host.Name] = host;

    /// <summary>Notes that a host cannot be had.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reason">Why not.</param>
    public void AddMissing(string name, string reason) => _missing[name] = reason;

    /// <summary>Why a host cannot be used; null when it can.</summary>
    public string? WhyNot(string name) =>
        _ready.ContainsKey(name) ? null : _missing.TryGetValue(name, out var reason) ? $"no host {name}: {reason}" : $"the host {name} is not asked for";

    /// <summary>The host of a name.</summary>
    /// <exception cref="ToolException">It cannot be used.</exception>
    public IHost Get(string name) => _ready.TryGetValue(name, out var host) ? host : throw new ToolException(WhyNot(name)!);
}
