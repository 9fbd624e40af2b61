namespace GuestOS.Sandbox.Tulip;

/// <summary>Takes a frame that an adapter put on the wire; the bytes are valid during the call.</summary>
public delegate void FrameHandler(ReadOnlySpan<byte> frame);
