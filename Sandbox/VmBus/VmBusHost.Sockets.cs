using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <content>Connections of hv_sock that the guest asks for.</content>
public sealed partial class VmBusHost
{
    /// <summary>Nobody listens (STATUS_CONNECTION_REFUSED).</summary>
    private const uint Refused = 0xC000_0236;

    private readonly Dictionary<Guid, Func<Guid, IChannelProvider?>> _listeners = [];

    /// <summary>Serves a service of the host: for each connect the guest's endpoint id gives a provider, or null to refuse.</summary>
    public void Listen(Guid service, Func<Guid, IChannelProvider?> accept) => Post(() => _listeners[service] = accept);

    internal void TlConnect(byte[] message)
    {
        var endpoint = MemoryMarshal.Read<Guid>(message.AsSpan(8));
        var service = MemoryMarshal.Read<Guid>(message.AsSpan(24));
        var isKnown = Channels.Any(channel => channel.Offer.ClassId == service && channel.Offer.InstanceId == endpoint);
        var provider = !isKnown && _listeners.TryGetValue(service, out var accept) ? accept(endpoint) : null;
        if (provider is not null)
        {
            Add(
                provider.Offer with { ClassId = service, InstanceId = endpoint, Flags = provider.Offer.Flags | OfferFlags.TransportLayer | OfferFlags.NamedPipe },
                provider,
                primary: null);
            return;
        }

        if (_connection!.Version < VmBusVersion.V4_1)
            return;
        Send(new TlConnectResult
        {
            Header = new MessageHeader { Type = MessageType.TlConnectResult },
            Endpoint = endpoint,
            Service = service,
            Status = Refused,
        });
    }
}
