using GuestOS.Services.Protocol;

namespace GuestOS.Services.Frame;

/// <summary>A request of the host, copied and with a checked length. What is written to the body goes back with the answer.</summary>
public readonly ref struct IcRequest
{
    private readonly Func<IcDeferral> _defer;

    internal IcRequest(IcVersion version, Span<byte> body, Func<IcDeferral> defer)
    {
        Version = version;
        Body = body;
        _defer = defer;
    }

    /// <summary>The service's version in force.</summary>
    public IcVersion Version { get; }

    /// <summary>Everything behind the header. Its content is not checked.</summary>
    public Span<byte> Body { get; }

    /// <summary>For a service that cannot answer at once; it then returns <see cref="IcAnswer.Deferred"/>. The body is not valid afterwards.</summary>
    public IcDeferral Defer() => _defer();
}
