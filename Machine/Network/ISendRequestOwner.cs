namespace GuestOS.Machine.Network;

/// <summary>The device that a <see cref="SendRequest"/> waits in.</summary>
public interface ISendRequestOwner
{
    /// <summary>A sender's token was cancelled: if the request still waits it ends.</summary>
    void Cancel(SendRequest request);

    /// <summary>A request's result was taken; it may serve again.</summary>
    void Return(SendRequest request);
}
