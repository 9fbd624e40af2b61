using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>One frame of 64 KiB in a program's own memory.</summary>
internal sealed class LargeFrames(SimulatedMemory memory) : IDisposable
{
    private readonly FramePool _pool = new(memory, 1, 64 * 1024);

    public int Free => _pool.FreeCount;

    public Frame Rent()
    {
        Assert.True(_pool.TryRent(out var frame));
        return frame;
    }

    public void Dispose() => _pool.Close();
}
