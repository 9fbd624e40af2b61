using FsCheck;
using FsCheck.Fluent;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

/// <summary>Any sequence of offers and rescinds, sensible or not, against a model of a few lines.</summary>
public sealed class OfferPropertyTests
{
    private static readonly Arbitrary<(bool Offers, int RelId, int Instance, int Subchannel)[]> Steps = Gen.Choose(0, 1)
        .SelectMany(offers => Gen.Choose(1, 5).SelectMany(relId => Gen.Choose(1, 4).SelectMany(instance => Gen.Choose(0, 2)
            .Select(subchannel => (offers == 1, relId, instance, subchannel)))))
        .ArrayOf(60)
        .ToArbitrary();

    [Fact]
    public void The_guest_has_what_the_host_offered_and_gives_back_every_id_that_was_taken_back() => Prop.ForAll(Steps, steps =>
    {
        using var bus = new BusFixture();
        bus.Connect();
        var channels = new Dictionary<int, (int Instance, int Subchannel)>();
        var declined = new HashSet<int>();
        var released = new List<int>();
        var told = new List<string>();
        foreach (var (offers, relId, instance, subchannel) in steps)
        {
            if (offers)
            {
                bus.Host.Send(ScriptedHost.Offer((uint)relId, instance: (uint)instance, subchannel: (ushort)subchannel));
                Offer(relId, instance, subchannel);
            }
            else
            {
                bus.Host.Rescind((uint)relId);
                Rescind(relId);
            }

            bus.Settle();
            foreach (var device in bus.Bus.Devices)
                device.Channel.MostSubchannels = 1;
        }

        Assert.Equal(channels.OrderBy(one => one.Key).Select(one => (one.Key, one.Value.Instance, one.Value.Subchannel)), bus.Bus.Snapshot().Select(one => (
            (int)one.RelId.Value, (int)BitConverter.ToUInt32(one.Identity.InstanceId.ToByteArray()), (int)one.Identity.SubchannelIndex)));
        Assert.Equal(told, bus.Told);
        Assert.Equal(released, bus.Host.Received.Where(message => message.Message[0] == (byte)MessageType.RelIdReleased).Select(message => (int)message.Message[8]));

        void Offer(int relId, int instance, int subchannel)
        {
            if (channels.ContainsKey(relId))
                return;
            var isTaken = !channels.ContainsValue((instance, subchannel))
                && (subchannel == 0 || (channels.ContainsValue((instance, 0)) && !channels.Values.Any(one => one.Instance == instance && one.Subchannel > 0)));
            declined.Remove(relId);
            if (!isTaken)
            {
                declined.Add(relId);
                return;
            }

            channels.Add(relId, (instance, subchannel));
            if (subchannel == 0)
                told.Add($"offered {relId}");
        }

        void Rescind(int relId)
        {
            if (declined.Remove(relId))
            {
                released.Add(relId);
            }
            else if (channels.Remove(relId, out var channel))
            {
                if (channel.Subchannel == 0)
                {
                    told.Add($"rescinded {relId}");
                    foreach (var (id, _) in channels.Where(one => one.Value.Instance == channel.Instance).ToArray())
                    {
                        released.Add(id);
                        channels.Remove(id);
                    }
                }

                released.Add(relId);
            }
        }
    }).QuickCheckThrowOnFailure();
}
