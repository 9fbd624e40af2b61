namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>What a start frame asks for.</summary>
/// <param name="SendSeed">Seed of the frames that the guest sends.</param>
/// <param name="SendCount">How many it sends.</param>
/// <param name="ReceiveSeed">Seed of those that it receives.</param>
/// <param name="ReceiveCount">How many it receives.</param>
/// <param name="Window">Frames that may be on their way at a time, in each direction; 0 for no limit.</param>
/// <param name="Size">Size of every frame, its content left as it is; 0 for sizes and contents by the seed.</param>
internal readonly record struct BurstPlan(ulong SendSeed, uint SendCount, ulong ReceiveSeed, uint ReceiveCount, ushort Window, ushort Size)
{
    /// <summary>Null when the frame asks for what cannot be.</summary>
    public static BurstPlan? Read(ReadOnlySpan<byte> frame)
    {
        var plan = new BurstPlan(
            LinkFrame.Read64(frame, 18), LinkFrame.Read32(frame, 26), LinkFrame.Read64(frame, 30), LinkFrame.Read32(frame, 38),
            LinkFrame.Read16(frame, 42), LinkFrame.Read16(frame, 44));
        return plan.Size is 0 or (>= LinkFrame.Shortest and <= LinkFrame.Longest) ? plan : null;
    }
}
