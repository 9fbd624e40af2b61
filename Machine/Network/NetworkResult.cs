using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Machine.Network;

/// <summary>How a network request ended. Success is the default value and carries nothing.</summary>
public readonly struct NetworkResult
{
    private NetworkResult(NetworkError error) => Error = error;

    /// <summary>A finished request.</summary>
    public static NetworkResult Success => default;

    /// <summary>What went wrong; null after success.</summary>
    public NetworkError? Error { get; }

    /// <summary>Whether the request was carried out whole.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <summary>A failed request.</summary>
    public static NetworkResult Failure(NetworkError error) => new(error);

    /// <summary>For callers that treat every failure as exceptional.</summary>
    /// <exception cref="IOException">The request failed; the message is the error's text.</exception>
    public void ThrowIfFailed()
    {
        if (Error is not null)
            throw new IOException(Error.ToString());
    }

    /// <inheritdoc/>
    public override string ToString() => Error?.ToString() ?? "success";
}
