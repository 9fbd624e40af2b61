using GuestOS.Drivers.Synthetic.Network;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Frames that find no room in the ring.</summary>
public sealed class FullRingTests
{
    /// <summary>More tries than there are slots for frames, and sections of the send buffer.</summary>
    private const int Tries = 300;

    [Theory]
    [InlineData("65536", false)]
    [InlineData("65536", true)]
    [InlineData("0", false)]
    [InlineData("0", true)]
    public void Frames_that_find_no_room_in_the_ring_wait_for_it_and_what_they_were_given_is_given_back(string copy, bool isBatch)
    {
        using var machine = NetworkMachine.Started(options: ("copy", copy));
        for (var i = 0; i < Tries; i++)
        {
            machine.FillRing();
            var frames = Enumerable.Range(0, 3).Select(number => machine.Rent(Numbered(machine, (3 * i) + number))).ToArray();
            var sends = isBatch ? [machine.Adapter.SendAsync(frames).AsTask()] : Array.ConvertAll(frames, frame => machine.Adapter.SendAsync(frame).AsTask());
            Assert.All(sends, send => Assert.False(send.IsCompleted));
            machine.Run(Task.WhenAll(sends));
            Assert.All(sends, send => Assert.True(send.Result.IsSuccess));
        }

        machine.Settle();
        Assert.InRange(machine.Adapter.Tally[NetvscTally.Counter.RingFull], Tries, long.MaxValue);
        Assert.Equal(Enumerable.Range(0, 3 * Tries), machine.Wire.Select(frame => frame.Data[14] | (frame.Data[15] << 8)));
        Assert.Equal(copy == "0" ? 0 : 3 * Tries, machine.Provider.GuestFrames.Count(frame => frame.InSection > 0));
        machine.DetachAll();
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    private static byte[] Numbered(NetworkMachine machine, int number)
    {
        var content = Frames.Random(machine.Random, 100, machine.Adapter.Address);
        content[14] = (byte)number;
        content[15] = (byte)(number >> 8);
        return content;
    }
}
