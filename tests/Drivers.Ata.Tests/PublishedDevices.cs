using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Ata.Tests;

internal sealed class PublishedDevices : IPublications
{
    public List<IBlockDevice> Devices { get; } = [];

    public void Publish(IBlockDevice device) => Devices.Add(device);

    public void Withdraw(IBlockDevice device) => Devices.Remove(device);
}
