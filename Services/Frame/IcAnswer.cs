using GuestOS.Services.Protocol;

namespace GuestOS.Services.Frame;

/// <summary>What a service made of a request: a status now, or an answer that follows.</summary>
public readonly record struct IcAnswer
{
    private IcAnswer(IcStatus status, bool isDeferred)
    {
        Status = status;
        IsDeferred = isDeferred;
    }

    /// <summary>The answer follows through the request's <see cref="IcDeferral"/>.</summary>
    public static IcAnswer Deferred => new(IcStatus.Success, isDeferred: true);

    /// <summary>The status.</summary>
    public IcStatus Status { get; }

    /// <summary>There is no status yet.</summary>
    public bool IsDeferred { get; }

    /// <summary>Answers with a status.</summary>
    public static implicit operator IcAnswer(IcStatus status) => FromIcStatus(status);

    /// <summary>Answers with a status.</summary>
    public static IcAnswer FromIcStatus(IcStatus status) => new(status, isDeferred: false);
}
