namespace GuestOS.Machine.Network;

/// <summary>To whom a frame goes back.</summary>
public interface IFrameOwner
{
    /// <summary>The frame is not needed any more. Any thread; never blocks.</summary>
    void Return(Frame frame);
}
