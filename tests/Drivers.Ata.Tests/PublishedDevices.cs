using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Ata.Tests;

internal sealed class PublishedDevices : IPublications
{
    public List<IBlockDevice> Devices { get; } = [];

    public void Publish(IBlockDevice device) => Devices.Add(device);

    public void Withdraw(IBlockDevice device) => Devices.Remove(device);

    public void Publish(INetworkDevice device) => throw new NotSupportedException($"The driver of disks has published {device.Name}.");

    public void Withdraw(INetworkDevice device) => throw new NotSupportedException($"The driver of disks has withdrawn {device.Name}.");

    public void Publish(IMemoryBalloon balloon) => throw new NotSupportedException($"The driver of disks has published {balloon.Name}.");

    public void Withdraw(IMemoryBalloon balloon) => throw new NotSupportedException($"The driver of disks has withdrawn {balloon.Name}.");
}
