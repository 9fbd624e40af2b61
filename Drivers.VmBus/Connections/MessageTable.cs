using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>All channel messages, by their type.</summary>
internal static class MessageTable
{
    private static readonly MessageEntry[] Entries =
    [
        default,
        new(MessageType.OfferChannel, 196, VmBusVersion.V0_13, static (loop, message) => loop.OnOffer(message)),
        new(MessageType.RescindChannelOffer, 12, VmBusVersion.V0_13, static (loop, message) => loop.OnRescind(message)),
        new(MessageType.RequestOffers, 8, VmBusVersion.V0_13, null),
        new(MessageType.AllOffersDelivered, 8, VmBusVersion.V0_13, static (loop, _) => loop.OnAllOffersDelivered()),
        new(MessageType.OpenChannel, 148, VmBusVersion.V0_13, null),
        new(MessageType.OpenChannelResult, 20, VmBusVersion.V0_13, static (loop, message) => loop.OnOpenResult(message)),
        new(MessageType.CloseChannel, 12, VmBusVersion.V0_13, null),
        new(MessageType.GpadlHeader, 28, VmBusVersion.V0_13, null),
        new(MessageType.GpadlBody, 16, VmBusVersion.V0_13, null),
        new(MessageType.GpadlCreated, 20, VmBusVersion.V0_13, static (loop, message) => loop.OnGpadlCreated(message)),
        new(MessageType.GpadlTeardown, 16, VmBusVersion.V0_13, null),
        new(MessageType.GpadlTorndown, 12, VmBusVersion.V0_13, static (loop, message) => loop.OnGpadlTorndown(message)),
        new(MessageType.RelIdReleased, 12, VmBusVersion.V0_13, null),
        new(MessageType.InitiateContact, 40, VmBusVersion.V0_13, null),
        // QEMU's answer: 16 bytes are asked for where the later ones mean something.
        new(MessageType.VersionResponse, VersionResponse.ShortestOld, VmBusVersion.V0_13, static (loop, message) => loop.OnVersionResponse(message)),
        new(MessageType.Unload, 8, VmBusVersion.V0_13, null),
        new(MessageType.UnloadResponse, 8, VmBusVersion.V0_13, static (loop, _) => loop.OnUnloadResponse()),
        new(MessageType.OpenReserved, 28, VmBusVersion.V4_0, null),
        new(MessageType.CloseReserved, 20, VmBusVersion.V0_13, null),
        new(MessageType.CloseReservedResponse, 12, VmBusVersion.V4_0, static (loop, _) => loop.OnUnaskedAnswer()),
        new(MessageType.TlConnectRequest, 40, VmBusVersion.V4_0, null),
        new(MessageType.ModifyChannel, 16, VmBusVersion.V4_1, null),
        new(MessageType.TlConnectResult, 44, VmBusVersion.V4_1, static (loop, _) => loop.OnUnaskedAnswer()),
        new(MessageType.ModifyChannelResponse, 16, VmBusVersion.V5_3, static (loop, message) => loop.OnModifyResponse(message)),
        new(MessageType.ModifyConnection, 24, VmBusVersion.V6_0, null),
        new(MessageType.ModifyConnectionResponse, 9, VmBusVersion.V6_0, static (loop, _) => loop.OnUnaskedAnswer()),
        new(MessageType.Pause, 8, VmBusVersion.V6_0, null),
        new(MessageType.PauseResponse, 8, VmBusVersion.V6_0, static (loop, _) => loop.OnUnaskedAnswer()),
        new(MessageType.Resume, 8, VmBusVersion.V6_0, null),
    ];

    /// <summary>All of them.</summary>
    public static ReadOnlySpan<MessageEntry> All => Entries.AsSpan(1);

    /// <summary>The entry of a type; false for one that does not exist.</summary>
    public static bool TryGet(MessageType type, out MessageEntry entry)
    {
        var found = (uint)type - 1 < (uint)Entries.Length - 1;
        entry = found ? Entries[(uint)type] : default;
        return found;
    }
}
