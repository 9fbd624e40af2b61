using GuestOS.Services.Protocol;

namespace GuestOS.Services.Frame;

/// <summary>An answer that is still owed. The channel takes no further message until it is given.</summary>
public sealed class IcDeferral
{
    private Action<IcDeferral, IcStatus>? _answer;

    internal IcDeferral(Action<IcDeferral, IcStatus> answer) => _answer = answer;

    /// <summary>Gives the answer. Only the first call counts, and none after the channel has ended. From any thread.</summary>
    public void Complete(IcStatus status) => Interlocked.Exchange(ref _answer, null)?.Invoke(this, status);
}
