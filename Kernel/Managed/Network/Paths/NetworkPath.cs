using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Network.Paths;

/// <summary>One way to a network, and what is known of it. Changed under the interface's lock.</summary>
internal sealed class NetworkPath
{
    private readonly string _driver;
    private readonly string _place;

    /// <param name="device">The driver's device.</param>
    /// <param name="driver">Who published it, for example "tulip 00:03.0".</param>
    public NetworkPath(INetworkPath device, string driver)
    {
        Device = device;
        string[] parts = driver.Split(' ', 2);
        _driver = parts[0];
        _place = parts.Length > 1 ? parts[1] : "";
    }

    public INetworkPath Device { get; }

    /// <summary>Ends when the device, which came later than others, is held; null for the first one.</summary>
    public Task<NetworkResult>? Arrival { get; set; }

    /// <summary>What it receives is wanted: from its first turn on. A device that is at rest receives nothing.</summary>
    public bool Delivers { get; set; }

    /// <summary>It has failed a frame with <see cref="NetworkErrorKind.Gone"/>, or was withdrawn. It never comes back; a new device may.</summary>
    public bool IsLost { get; set; }

    /// <summary>The interface could not be taken over to it. It is used when nothing else is left.</summary>
    public bool IsPostponed { get; set; }

    /// <summary>It is quiesced. Touched by the switch only.</summary>
    public bool IsResting { get; set; }

    /// <summary>Higher is better.</summary>
    public int Score => IsPostponed ? -1 : (int)Device.Rank;

    public HandoffParty Describe() => new(Device.Name, _driver, _driver, _place, Device.Address.ToString(), IsLost);
}
