using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip.Tests;

internal sealed class PublishedDevices : IPublications
{
    public List<INetworkDevice> Devices { get; } = [];

    public void Publish(IBlockDevice device) => throw new NotSupportedException($"The driver of a network adapter has published {device.Name}.");

    public void Withdraw(IBlockDevice device) => throw new NotSupportedException($"The driver of a network adapter has withdrawn {device.Name}.");

    public void Publish(INetworkDevice device) => Devices.Add(device);

    public void Withdraw(INetworkDevice device) => Devices.Remove(device);

    public void Publish(IMemoryBalloon balloon) => throw new NotSupportedException($"The driver of a network adapter has published {balloon.Name}.");

    public void Withdraw(IMemoryBalloon balloon) => throw new NotSupportedException($"The driver of a network adapter has withdrawn {balloon.Name}.");
}
