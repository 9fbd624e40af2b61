using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <summary>One row of the table of messages that a guest sends.</summary>
internal sealed record MessageRule(MessageType Type, int Length, VmBusVersion Since, Action<VmBusHost, byte[]> Handle)
{
    private static readonly Dictionary<MessageType, MessageRule> Rules = new MessageRule[]
    {
        new(MessageType.InitiateContact, 40, VmBusVersion.V0_13, static (host, message) => host.InitiateContact(message)) { NeedsConnection = false },
        new(MessageType.RequestOffers, 8, VmBusVersion.V0_13, static (host, _) => host.RequestOffers()),
        new(MessageType.OpenChannel, 148, VmBusVersion.V0_13, static (host, message) => host.OpenChannel(message)),
        new(MessageType.CloseChannel, 12, VmBusVersion.V0_13, static (host, message) => host.CloseChannel(message)),
        new(MessageType.GpadlHeader, 28, VmBusVersion.V0_13, static (host, message) => host.GpadlHeader(message)),
        new(MessageType.GpadlBody, 16, VmBusVersion.V0_13, static (host, message) => host.GpadlBody(message)),
        new(MessageType.GpadlTeardown, 16, VmBusVersion.V0_13, static (host, message) => host.GpadlTeardown(message)),
        new(MessageType.RelIdReleased, 12, VmBusVersion.V0_13, static (host, message) => host.RelIdReleased(message)),
        new(MessageType.Unload, 8, VmBusVersion.V0_13, static (host, _) => host.Unload()),
        new(MessageType.OpenReserved, 28, VmBusVersion.V4_0, static (host, message) => host.OpenReserved(message)),
        new(MessageType.CloseReserved, 20, VmBusVersion.V0_13, static (host, message) => host.CloseReserved(message)) { NeedsConnection = false },
        new(MessageType.TlConnectRequest, 40, VmBusVersion.V4_0, static (host, message) => host.TlConnect(message)),
        new(MessageType.ModifyChannel, 16, VmBusVersion.V4_1, static (host, message) => host.ModifyChannel(message)),
        new(MessageType.ModifyConnection, 24, VmBusVersion.V6_0, static (host, message) => host.ModifyConnection(message)) { Feature = FeatureFlags.ModifyConnection },
        new(MessageType.Pause, 8, VmBusVersion.V6_0, static (host, _) => host.Pause()) { Feature = FeatureFlags.PauseResume },
        new(MessageType.Resume, 8, VmBusVersion.V6_0, static (host, _) => host.Resume()) { Feature = FeatureFlags.PauseResume },
    }.ToDictionary(static rule => rule.Type);

    /// <summary>Only on a connection of <see cref="Since"/> or later.</summary>
    public bool NeedsConnection { get; private init; } = true;

    /// <summary>Only with this feature.</summary>
    public FeatureFlags Feature { get; private init; }

    public static MessageRule? Find(MessageType type) => Rules.GetValueOrDefault(type);

    /// <summary>Least bytes.</summary>
    public int LengthFor(VmBusVersion? version, FeatureFlags features) => Type switch
    {
        MessageType.OpenChannel when (features & FeatureFlags.GuestSignalParameters) != 0 => 156,
        MessageType.TlConnectRequest when version >= VmBusVersion.V5_2 => 56,
        _ => Length,
    };
}
