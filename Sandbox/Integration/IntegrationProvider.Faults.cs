using System.Buffers.Binary;
using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <content>The hostile variant.</content>
public abstract partial class IntegrationProvider
{
    /// <summary>Transaction id of packets that are wrong on purpose.</summary>
    private const ulong FaultTransaction = 0xFA;

    /// <summary>What the guest answered to <see cref="Commit"/> and <see cref="SendRaw"/>.</summary>
    public List<(IcMessageType Type, IcStatus Status)> FaultAnswers { get; } = [];

    /// <summary>Sends a message that no honest host sends, whatever the state. Answers to it go to <see cref="FaultAnswers"/>.</summary>
    public void Commit(IntegrationFault fault) => Session?.Post(() => SendRaw(Build(fault)));

    /// <summary>Sends any bytes as an in-band packet.</summary>
    public void SendRaw(ReadOnlySpan<byte> message) => Session?.SendInBand(message, FaultTransaction);

    private byte[] Build(IntegrationFault fault)
    {
        var message = Encode(_type, Sample(), isNegotiation: false);
        switch (fault)
        {
            case IntegrationFault.Short: return message[..(HeaderSize - 1)];
            case IntegrationFault.Empty: return [];
            case IntegrationFault.PipeSizeBeyond: return With(message, 4, 0xFFFF_FFFF);
            case IntegrationFault.PipeSizeZero: return With(message, 4, 0);
            case IntegrationFault.PipeType: return With(message, 0, 3);
            case IntegrationFault.BodySizeBeyond:
                message[18] = message[19] = 0xFF;
                return message;
            case IntegrationFault.UnknownType:
                message[12] = 0x77;
                return message;
            case IntegrationFault.OtherService:
                message[12] = (byte)(_type == IcMessageType.Heartbeat ? IcMessageType.Shutdown : IcMessageType.Heartbeat);
                return message;
            case IntegrationFault.Response:
                message[25] = (byte)(IcFlags.Transaction | IcFlags.Response);
                return message;
            case IntegrationFault.NegotiateCounts:
                return Encode(IcMessageType.Negotiate, [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0], isNegotiation: true);
            case IntegrationFault.NegotiateNothing:
                return Encode(IcMessageType.Negotiate, [0, 0, 0, 0, 0, 0, 0, 0], isNegotiation: true);
            case IntegrationFault.NegotiateUnknown:
                return Encode(IcMessageType.Negotiate, [1, 0, 1, 0, 0, 0, 0, 0, 99, 0, 0, 0, 99, 0, 0, 0], isNegotiation: true);
            case IntegrationFault.NoBody: return Encode(_type, [], isNegotiation: false);
            case IntegrationFault.SaturatedBody:
                message.AsSpan(HeaderSize).Fill(0xFF);
                return message;
            case IntegrationFault.HalfBody: return Encode(_type, Sample()[..(Sample().Length / 2)], isNegotiation: false);
            default: throw new ArgumentOutOfRangeException(nameof(fault), fault, "No such fault.");
        }
    }

    private static byte[] With(byte[] message, int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(offset), value);
        return message;
    }
}
