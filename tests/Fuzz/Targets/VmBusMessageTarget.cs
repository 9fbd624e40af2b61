using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Fuzz.Hostility;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.Guests;
using GuestOS.Testing.VmBus;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// The connection and its channels at every version: negotiation, offers, opening, GPADLs, moves, suspension, unload, while the host answers
/// what it likes. Of the inputs one in eight asks for all of that again once the host behaves, the others for a brief proof that it works.
/// </summary>
public sealed class VmBusMessageTarget : ClientTarget
{
    private static readonly VmBusOptions Quick = new()
    {
        AnswerTimeout = TimeSpan.FromSeconds(2), OffersTimeout = TimeSpan.FromSeconds(2), UnloadTimeout = TimeSpan.FromSeconds(4),
    };

    private readonly PinnedArrays _arrays = new();

    /// <inheritdoc/>
    public override string Name => "vmbus-messages";

    /// <inheritdoc/>
    public override int TestCount => 60;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        _arrays.Reclaim();
        var decisions = new Decisions(input);
        using var guest = new SimulatedGuest(new()
        {
            Processors = 2,
            VpIndexOf = static processor => (uint)(1 - processor),
            Bus = Quick,
            Memory = new SimulatedMemory(new Random(1), _arrays),
            Host = new VmBusHostOptions
            {
                HighestVersion = VmBusVersion.All[decisions.Next() % VmBusVersion.All.Count], StepsSingly = decisions.Next() % 4 == 0,
            },
        });
        var isProofBrief = decisions.Next() % 8 != 0;
        guest.Host.Offer(new EchoDevice(1));
        guest.Host.Offer(new EchoDevice(2));
        HostileHost host = null!;
        host = new HostileHost(guest, decisions, Forge, Forge, Forge);
        Survive(guest, host, () => guest.Run(NewScenario(isBrief: false).RunAsync()), Prove);

        Scenario NewScenario(bool isBrief) => new(guest.Bus, guest.SynIc, guest.Memory, guest.Clock, seed: 1) { Load = 2, IsBrief = isBrief };

        void Prove()
        {
            var scenario = NewScenario(isProofBrief);
            guest.Run(scenario.RunAsync());
            Require(scenario.Failures.Count == 0, $"with an honest host: {string.Join("; ", scenario.Failures)}");
        }

        // A message of a type that hosts send, with ids that exist.
        void Forge(Decisions next)
        {
            host.HasLied = true;
            var message = new byte[next.Next() % 8 == 0 ? next.Next() % 64 : 196];
            for (var offset = 8; offset + 4 <= message.Length && !next.IsUsedUp && offset < 32; offset += 4)
                BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(offset), Id(next));
            if (message.Length >= 4)
                BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)TypesOfHosts[next.Next() % TypesOfHosts.Length]);
            guest.Host.PostRaw(message);
        }
    }

    private static MessageType[] TypesOfHosts { get; } =
    [
        MessageType.OfferChannel, MessageType.RescindChannelOffer, MessageType.AllOffersDelivered, MessageType.OpenChannelResult,
        MessageType.GpadlCreated, MessageType.GpadlTorndown, MessageType.VersionResponse, MessageType.UnloadResponse,
        MessageType.ModifyChannelResponse, MessageType.ModifyConnectionResponse, MessageType.TlConnectResult, MessageType.PauseResponse,
    ];

    private static uint Id(Decisions next) => (next.Next() % 4) switch
    {
        0 => (uint)next.Next() % 6,
        1 => GpadlId.First.Value + ((uint)next.Next() % 12),
        2 => 0,
        _ => HostileHost.Number(next),
    };
}
