using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Network.Paths;

/// <summary>One way to a network.</summary>
internal sealed class NetworkPath : HandoffPath
{
    private readonly string _driver;
    private readonly string _place;

    /// <param name="device">The driver's device.</param>
    /// <param name="driver">Who published it, for example "tulip 00:03.0".</param>
    /// <param name="state">What it begins as.</param>
    public NetworkPath(INetworkPath device, string driver, PathState state)
        : base(device.Rank, state)
    {
        Device = device;
        string[] parts = driver.Split(' ', 2);
        _driver = parts[0];
        _place = parts.Length > 1 ? parts[1] : "";
    }

    public INetworkPath Device { get; }

    /// <summary>Ends when the device, which came later than others, is held; null for the first one.</summary>
    public Task<NetworkResult>? Arrival { get; set; }

    /// <summary>What it receives is wanted: from its first turn on. A device that is at rest receives nothing. Under the interface's lock.</summary>
    public bool Delivers { get; set; }

    public HandoffParty Describe() => new(Device.Name, _driver, _driver, _place, Device.Address.ToString(), IsLost);
}
