using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;

namespace GuestOS.Testing.Guests;

/// <summary>What drivers have published.</summary>
public class PublishedDevices : IPublications
{
    /// <summary>Disks that are published.</summary>
    public List<IBlockDevice> Disks { get; } = [];

    /// <summary>Network adapters that are published.</summary>
    public List<INetworkDevice> Adapters { get; } = [];

    /// <summary>Balloons that are published.</summary>
    public List<IMemoryBalloon> Balloons { get; } = [];

    /// <inheritdoc/>
    public virtual void Publish(IBlockDevice device) => Disks.Add(device);

    /// <inheritdoc/>
    public virtual void Withdraw(IBlockDevice device) => Require(Disks.Remove(device), "A disk is withdrawn that was not published.");

    /// <inheritdoc/>
    public virtual void Publish(INetworkDevice device) => Adapters.Add(device);

    /// <inheritdoc/>
    public virtual void Withdraw(INetworkDevice device) => Require(Adapters.Remove(device), "An adapter is withdrawn that was not published.");

    /// <inheritdoc/>
    public virtual void Publish(IMemoryBalloon balloon) => Balloons.Add(balloon);

    /// <inheritdoc/>
    public virtual void Withdraw(IMemoryBalloon balloon) => Require(Balloons.Remove(balloon), "A balloon is withdrawn that was not published.");

    /// <summary>Throws when something is not as it must be.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    protected static void Require(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException(what);
    }
}
