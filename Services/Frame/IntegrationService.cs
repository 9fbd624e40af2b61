using GuestOS.Services.Protocol;

namespace GuestOS.Services.Frame;

/// <summary>One integration service: what is left when channel, negotiation and framing are taken care of.</summary>
public abstract class IntegrationService
{
    /// <summary>Short name, for events and the console: "heartbeat".</summary>
    public abstract string Name { get; }

    /// <summary>Class of its VMBus device.</summary>
    public abstract Guid ClassId { get; }

    /// <summary>Type of its messages.</summary>
    public abstract IcMessageType Type { get; }

    /// <summary>Versions that it speaks, in any order.</summary>
    public abstract ReadOnlySpan<IcVersion> Versions { get; }

    /// <summary>Largest message in bytes, frame included.</summary>
    public virtual int LargestMessage => 4096 - 16;

    /// <summary>What it has done, for the console: "12 beats"; empty when there is nothing to say.</summary>
    public virtual string Summary => "";

    /// <summary>
    /// Serves one request; one at a time. Must not block. Whatever the body holds is data: a bad one gets a status, never an exception.
    /// </summary>
    public abstract IcAnswer Handle(in IcRequest request);

    /// <summary>Host and guest have agreed on a version, for the first time or again.</summary>
    public virtual void OnNegotiated(IcVersion version)
    {
    }
}
