using System.Runtime.InteropServices;
using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;
using Xunit;

namespace GuestOS.Services.Tests;

/// <summary>A service behind its frame, without a channel: messages in, answers out.</summary>
internal sealed class FrameHarness
{
    private readonly IntegrationService _service;

    public FrameHarness(IntegrationService service, IcVersion? version = null)
    {
        _service = service;
        Frame = new IcFrame(service);
        if (version is { } wanted)
            Assert.Equal(IcFrameOutcome.Negotiated, Negotiate([IcVersion.Framework3], [wanted]).Outcome);
    }

    public IcFrame Frame { get; }

    /// <summary>The status of a deferred answer; null while it is owed.</summary>
    public IcStatus? Deferred { get; private set; }

    /// <summary>Sends a request with the frame around it, as a host does.</summary>
    public (IcFrameOutcome Outcome, IcStatus Status, byte[] Body) Request(ReadOnlySpan<byte> body) => Send(Message(_service.Type, body));

    public (IcFrameOutcome Outcome, IcStatus Status, byte[] Body) Negotiate(IcVersion[] frameworks, IcVersion[] services)
    {
        var body = new byte[IcNegotiation.Size + (4 * (frameworks.Length + services.Length))];
        var head = new IcNegotiation { FrameworkCount = (ushort)frameworks.Length, ServiceCount = (ushort)services.Length };
        MemoryMarshal.Write(body, in head);
        MemoryMarshal.AsBytes<IcVersion>(frameworks).CopyTo(body.AsSpan(IcNegotiation.Size));
        MemoryMarshal.AsBytes<IcVersion>(services).CopyTo(body.AsSpan(IcNegotiation.Size + (4 * frameworks.Length)));
        return Send(Message(IcMessageType.Negotiate, body));
    }

    /// <summary>Sends bytes as they are.</summary>
    public (IcFrameOutcome Outcome, IcStatus Status, byte[] Body) Send(byte[] message)
    {
        Deferred = null;
        var outcome = Frame.Process(message, () => new IcDeferral((_, status) => Deferred = status));
        return message.Length < IcHeader.Size
            ? (outcome, default, [])
            : (outcome, MemoryMarshal.Read<IcHeader>(message).Status, message[IcHeader.Size..]);
    }

    public static byte[] Message(IcMessageType type, ReadOnlySpan<byte> body)
    {
        var message = new byte[IcHeader.Size + body.Length];
        var header = new IcHeader
        {
            PipeType = IcHeader.PipeData,
            PipeSize = (uint)(message.Length - IcHeader.PipeHeaderSize),
            Type = type,
            BodySize = (ushort)body.Length,
            Flags = IcFlags.Transaction | IcFlags.Request,
        };
        MemoryMarshal.Write(message, in header);
        body.CopyTo(message.AsSpan(IcHeader.Size));
        return message;
    }
}
