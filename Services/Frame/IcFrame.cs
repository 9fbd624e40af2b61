using System.Runtime.InteropServices;
using GuestOS.Services.Protocol;

namespace GuestOS.Services.Frame;

/// <summary>
/// The framework of all integration components, without a channel: takes a message, negotiates or lets the service work, and makes the
/// answer of the same bytes. Hosts are known to take an answer of exactly the size of the request, with its pipe size unchanged
/// (Linux drivers/hv/channel_mgmt.c), also where the answer needs less.
/// </summary>
internal sealed class IcFrame
{
    private static readonly IcVersion[] s_frameworks = [IcVersion.Framework1, IcVersion.Framework3];

    private readonly IntegrationService _service;

    public IcFrame(IntegrationService service) => _service = service;

    /// <summary>Framework version in force; null before the first negotiation, and after one without a common version.</summary>
    public IcVersion? Framework { get; private set; }

    /// <summary>Service version in force.</summary>
    public IcVersion? Version { get; private set; }

    /// <summary>Messages that were no requests.</summary>
    public long Dropped { get; private set; }

    /// <summary>Requests that were answered with a failure, whatever the reason.</summary>
    public long Failed { get; private set; }

    /// <summary>Requests of the service that were taken.</summary>
    public long Requests { get; private set; }

    /// <summary>Works on one message.</summary>
    /// <param name="message">A private copy, with padding; becomes the answer.</param>
    /// <param name="defer">Makes the promise of a later answer.</param>
    public IcFrameOutcome Process(Span<byte> message, Func<IcDeferral> defer)
    {
        if (message.Length < IcHeader.Size)
        {
            Dropped++;
            return IcFrameOutcome.Dropped;
        }

        ref var header = ref MemoryMarshal.AsRef<IcHeader>(message);
        if (header.PipeType != IcHeader.PipeData || (header.Flags & IcFlags.Response) != 0)
        {
            Dropped++;
            return IcFrameOutcome.Dropped;
        }

        if (header.Type == IcMessageType.Negotiate)
        {
            var isSound = Negotiate(message);
            Finish(message, isSound ? IcStatus.Success : IcStatus.Fail);
            return isSound ? IcFrameOutcome.Negotiated : IcFrameOutcome.Answer;
        }

        Requests++;
        if (header.Type != _service.Type || Version is not { } version)
        {
            Finish(message, IcStatus.Fail);
            return IcFrameOutcome.Answer;
        }

        var body = message.Slice(IcHeader.Size, Math.Min(header.BodySize, message.Length - IcHeader.Size));
        var answer = _service.Handle(new IcRequest(version, body, defer));
        if (answer.IsDeferred)
            return IcFrameOutcome.Deferred;
        Finish(message, answer.Status);
        return IcFrameOutcome.Answer;
    }

    /// <summary>Makes the message its own answer.</summary>
    public void Finish(Span<byte> message, IcStatus status)
    {
        ref var header = ref MemoryMarshal.AsRef<IcHeader>(message);
        header.Status = status;
        header.Flags = IcFlags.Transaction | IcFlags.Response;
        // The end of an enumeration is what every enumeration comes to.
        if (status is not (IcStatus.Success or IcStatus.NoMoreItems))
            Failed++;
    }

    /// <summary>
    /// False when the message is no sound negotiation: what was agreed on before stays in force. Versions that nobody shares are an answer,
    /// too, and end it.
    /// </summary>
    private bool Negotiate(Span<byte> message)
    {
        const int first = IcHeader.Size + IcNegotiation.Size;
        if (message.Length < first)
            return false;
        ref var negotiation = ref MemoryMarshal.AsRef<IcNegotiation>(message[IcHeader.Size..]);
        int frameworks = negotiation.FrameworkCount;
        int services = negotiation.ServiceCount;
        var room = (message.Length - first) / Marshal.SizeOf<IcVersion>();
        if (frameworks > IcNegotiation.MostVersions || services > IcNegotiation.MostVersions || frameworks + services > room || room < 2)
            return false;
        var offered = MemoryMarshal.Cast<byte, IcVersion>(message[first..])[..room];
        var framework = Highest(s_frameworks, offered[..frameworks]);
        var version = Highest(_service.Versions, offered.Slice(frameworks, services));
        var isAgreed = framework is not null && version is not null;
        Framework = isAgreed ? framework : null;
        Version = isAgreed ? version : null;
        negotiation.FrameworkCount = negotiation.ServiceCount = (ushort)(isAgreed ? 1 : 0);
        MemoryMarshal.AsRef<IcHeader>(message).BodySize = IcNegotiation.AnswerBodySize;
        if (!isAgreed)
            return true;
        offered[0] = framework!.Value;
        offered[1] = version!.Value;
        return true;
    }

    private static IcVersion? Highest(ReadOnlySpan<IcVersion> spoken, ReadOnlySpan<IcVersion> offered)
    {
        IcVersion? highest = null;
        foreach (var version in offered)
            if (spoken.Contains(version) && (highest is null || version > highest))
                highest = version;
        return highest;
    }
}
